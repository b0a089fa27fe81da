import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply } from 'fastify';
import { createZodValidationPipe } from 'nestjs-zod';
import { map, type Observable } from 'rxjs';
import type { z } from 'zod';
import { RETURNS } from './dto.js';
import { badRequest } from './problem.js';

/** Checks bodies, queries and params against their DTO's schema; 400 `INVALID_REQUEST` names each wrong field. */
export const ValidationPipe = createZodValidationPipe();

/** 400 for an id in a path that is none; use as `@Param('id', IdPipe)`. */
export class IdPipe {
  transform(value: string): string {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value))
      throw badRequest('INVALID_ID', 'The id in the path is not a UUID.');
    return value.toLowerCase();
  }
}

/** Holds every answer against what its route documents; the tests switch it on. */
@Injectable()
export class ReturnsInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const returns = this.reflector.get<{ status: number; schema?: z.ZodType } | undefined>(
      RETURNS,
      execution.getHandler(),
    );
    const reply = execution.switchToHttp().getResponse<FastifyReply>();
    if (!returns?.schema) return next.handle();
    return next.handle().pipe(
      map((body: unknown) => {
        if (reply.statusCode === returns.status) returns.schema!.parse(JSON.parse(JSON.stringify(body)));
        return body;
      }),
    );
  }
}
