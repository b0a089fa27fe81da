import {
  type CallHandler,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import type { Expected } from './edit.js';

const hasVersion = (body: unknown): body is { version: number } =>
  typeof body === 'object' && body !== null && 'version' in body;
const tagOf = (version: number): string => `"${version}"`;

/** Sends a product's version as its ETag, and 304 without a body to whoever has that version already. */
@Injectable()
export class EtagInterceptor implements NestInterceptor {
  intercept(execution: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const request = execution.switchToHttp().getRequest<FastifyRequest>();
    const reply = execution.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map((body) => {
        if (!hasVersion(body)) return body; // a refusal that is replayed for its Idempotency-Key
        const tag = tagOf(body.version);
        void reply.headers({ etag: tag, 'cache-control': 'no-cache' });
        if (request.method !== 'GET' || !hasTag(request.headers['if-none-match'], tag)) return body;
        void reply.status(304);
        return undefined;
      }),
    );
  }
}

/** Whether an If-None-Match header names a tag; weak and strong ones are equal here (RFC 9110, 13.1.2). */
export function hasTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((each) => ['*', tag, `W/${tag}`].includes(each.trim()));
}

/** The version in an If-Match header; one that is no version of ours matches nothing. */
export function expectedVersion(header: string | undefined): Expected {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return 'any';
  const [, version] = /^(?:W\/)?"?(\d{1,9})"?$/.exec(header.trim()) ?? [];
  return version === undefined ? 0 : Number(version);
}

/** Injects the version of the If-Match header, or undefined. */
export const IfMatch = createParamDecorator((_: unknown, execution: ExecutionContext) =>
  expectedVersion(execution.switchToHttp().getRequest<FastifyRequest>().headers['if-match']),
);
