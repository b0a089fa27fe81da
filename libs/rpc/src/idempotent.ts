import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  Logger,
  type NestInterceptor,
  SetMetadata,
  UseInterceptors,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiHeader } from '@nestjs/swagger';
import { currentActor } from '@nakku/auth';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable, of } from 'rxjs';
import { type Claim, Idempotency } from './idempotency.js';
import { badRequest } from './problem.js';
import { toProblem } from './problem.filter.js';

const IDEMPOTENT = 'nakku:idempotent';
/** The refusals that are final: the same request will always get them. */
const FINAL = new Set([403, 404, 409, 422]);

/** Honours `Idempotency-Key` by the stored answer of the first request with that key. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  private readonly logger = new Logger(IdempotencyInterceptor.name);

  constructor(
    private readonly idempotency: Idempotency,
    private readonly reflector: Reflector,
  ) {}

  async intercept(execution: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = execution.switchToHttp().getRequest<FastifyRequest>();
    const reply = execution.switchToHttp().getResponse<FastifyReply>();
    const { required } = this.reflector.get<{ required: boolean }>(IDEMPOTENT, execution.getHandler());
    const key = readKey(request, required);
    if (key === undefined) return next.handle();
    const claim = await this.idempotency.claim(
      `${currentActor().id} ${request.method} ${request.url}`,
      key,
      request.body,
    );
    if ('status' in claim) return of(replay(reply, claim.status, claim.body));
    return from(this.idempotency.run(claim, () => this.runOnce(claim, reply, next)));
  }

  private async runOnce(claim: Claim, reply: FastifyReply, next: CallHandler): Promise<unknown> {
    try {
      const body: unknown = await lastValueFrom(next.handle());
      if (claim.stored === undefined)
        this.logger.error('a route with @Idempotent() did not complete its key in its transaction');
      if (claim.committed?.body !== JSON.stringify(body ?? null))
        await this.idempotency.store(claim, reply.statusCode, body);
      return body;
    } catch (error) {
      // Also when it was stored, but not committed.
      if (!claim.committed) await this.keepOrForget(claim, error);
      throw error;
    } finally {
      void this.idempotency.settled(claim);
    }
  }

  private async keepOrForget(claim: Claim, error: unknown): Promise<void> {
    const problem = toProblem(error);
    const final = FINAL.has(problem.status) && problem.code !== 'IDEMPOTENCY_KEY_IN_PROGRESS';
    const keep = final
      ? this.idempotency.store(claim, problem.status, problem.toBody())
      : this.idempotency.release(claim);
    // The answer to give is the first error; a key that could not be settled lapses in 30 s.
    await keep.catch((err: unknown) => this.logger.warn({ err }, 'an idempotency key was not settled'));
  }
}

/** Makes a POST honour `Idempotency-Key`; with `required`, refuses it without one. */
export const Idempotent = (options: { required?: boolean } = {}): MethodDecorator =>
  applyDecorators(
    SetMetadata(IDEMPOTENT, { required: options.required ?? false }),
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({
      name: 'Idempotency-Key',
      required: options.required ?? false,
      description: '1–255 printable ASCII characters; kept for 24 h',
    }),
  );

function readKey(request: FastifyRequest, required: boolean): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) {
    if (required)
      throw badRequest('IDEMPOTENCY_KEY_REQUIRED', 'Send an Idempotency-Key: the request is then safe to repeat.');
    return undefined;
  }
  if (typeof key !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(key)) {
    throw badRequest('IDEMPOTENCY_KEY_INVALID', 'An Idempotency-Key has 1–255 printable ASCII characters.');
  }
  return key;
}

function replay(reply: FastifyReply, status: number, body: unknown): unknown {
  void reply.header('Idempotency-Replayed', 'true').status(status);
  if (status < 400) return body;
  void reply.type('application/problem+json; charset=utf-8');
  return JSON.stringify(body);
}
