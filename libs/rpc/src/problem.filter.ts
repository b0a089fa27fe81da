import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ZodValidationException } from 'nestjs-zod';
import { ZodError } from 'zod';
import { fieldErrors } from './invoke.js';
import { badRequest, Problem, unavailable } from './problem.js';

const CODES: Record<number, string> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  406: 'NOT_ACCEPTABLE',
  408: 'REQUEST_TIMEOUT',
  413: 'BODY_TOO_LARGE',
  414: 'URI_TOO_LONG',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  431: 'HEADERS_TOO_LARGE',
};

/** Sends whatever was thrown as `application/problem+json`. What is not an expected failure is logged whole and told as a bare 500. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('http');

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = toProblem(error);
    if (problem.status >= 500 && problem.status !== 503) this.logger.error({ err: error }, 'request failed');
    if (reply.sent || reply.raw.headersSent) return; // a stream that broke half way: nothing more can be said
    sendProblem(reply, problem);
  }
}

/** Writes a problem document. */
export function sendProblem(reply: FastifyReply, problem: Problem): void {
  void reply
    .status(problem.status)
    .headers(problem.options.headers ?? {})
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem.toBody()));
}

/** Tells what an error means to a client. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof ZodValidationException) return invalid(error.getZodError());
  if (error instanceof HttpException) return fromNest(error);
  const { statusCode, code } = error as { statusCode?: number; code?: string };
  if (code === 'FST_ERR_CTP_EMPTY_JSON_BODY') return badRequest('INVALID_JSON', 'The body is empty.');
  if (error instanceof SyntaxError && statusCode === 400)
    return badRequest('INVALID_JSON', 'The body is not valid JSON.');
  if (statusCode && statusCode >= 400 && statusCode < 500) {
    return new Problem(statusCode, CODES[statusCode] ?? 'BAD_REQUEST', clientText(statusCode));
  }
  if (code === 'DATABASE_UNAVAILABLE') return unavailable('The database does not answer.');
  return new Problem(500, 'INTERNAL', 'Something went wrong on our side.');
}

function invalid(error: unknown): Problem {
  const errors = error instanceof ZodError ? fieldErrors(error) : [];
  return badRequest(
    'INVALID_REQUEST',
    errors[0] ? `${errors[0].path || 'input'}: ${errors[0].message}` : 'The request is malformed.',
    errors,
  );
}

function fromNest(error: HttpException): Problem {
  const status = error.getStatus();
  const body = error.getResponse();
  const { code, detail } = (typeof body === 'object' ? body : {}) as { code?: string; detail?: string };
  const headers: Record<string, string> = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  if (/JSON/i.test(error.message) && status === 400 && !code)
    return badRequest('INVALID_JSON', 'The body is not valid JSON.');
  return new Problem(status, code ?? CODES[status] ?? 'INTERNAL', detail ?? clientText(status), { headers });
}

function clientText(status: number): string {
  switch (status) {
    case 404:
      return 'There is nothing here.';
    case 413:
      return 'The body is larger than this route takes (1 MiB).';
    case 415:
      return 'Send the body as application/json.';
    default:
      return status >= 500 ? 'Something went wrong on our side.' : 'The request is malformed.';
  }
}
