import { type Answer, Problem, sendProblem, toProblem, unavailable, Unanswered } from '@nakku/rpc';
import type { FastifyReply } from 'fastify';
import type { EventStreams } from './event.streams.js';

/** What reply-from makes of an answer. */
export interface ServiceAnswer {
  statusCode: number;
  headers: Answer['headers'];
  stream: Answer['body'];
}

/** Sends a problem, for a handler or hook to return: the request goes no further. */
export function refuse(reply: FastifyReply, problem: Problem): FastifyReply {
  sendProblem(reply, problem);
  return reply;
}

/** Up to this length an answer is sent on in one piece. */
const SMALL = 65_536;

/** Sends a service's answer on; its head is in the reply already. Streams go on as they come. */
export async function finish(
  reply: FastifyReply,
  { statusCode, headers, stream }: ServiceAnswer,
  { service, repeated }: { service: string; repeated: boolean },
  streams: EventStreams,
): Promise<void> {
  if (reply.sent) return stream.dump().catch(() => undefined); // its status was none
  const problem = replacement(statusCode, headers, service, repeated);
  if (problem) {
    await stream.dump().catch(() => undefined);
    return sendInstead(reply, problem);
  }
  if (statusCode === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', '1');
  if (String(headers['content-type']).startsWith('text/event-stream')) {
    streams.add(reply);
    // The first event may be long in coming. The head is whole when the stream is tied to it: hooks that write to it may take their time.
    reply.raw.once('pipe', () => reply.raw.flushHeaders());
    return void reply.send(stream);
  }
  const length = Number(headers['content-length'] ?? NaN);
  if (!(length <= SMALL) || reply.request.method === 'HEAD') return void reply.send(stream);
  try {
    void reply.send(Buffer.from(await stream.arrayBuffer()));
  } catch (error) {
    sendUnanswered(reply, service, error);
  }
}

/** Tells the client that its request got no answer from the service. */
export function sendUnanswered(reply: FastifyReply, service: string, error: unknown): void {
  const { reason, cause } = error instanceof Unanswered ? error : { reason: 'broken' as const, cause: undefined };
  if (cause instanceof Problem) return sendInstead(reply, cause);
  if (reason === 'cancelled') return void reply.code(499).send(); // nobody is there to read it: it is for the log
  sendInstead(reply, lost(service, reason));
}

/** What a client is told of an error in the gateway: its own request's fault, or a connection that broke before anything was sent on. */
export function proxyProblem(error: unknown, service: string): Problem {
  const problem = toProblem(error);
  return problem.status >= 500 && !(error instanceof Problem) ? lost(service, 'broken') : problem;
}

/** Something between us and the service answered in its place; or the service still works on what we have sent twice. */
function replacement(status: number, headers: Answer['headers'], service: string, repeated: boolean) {
  if (status === 502 || status === 504) return lost(service, 'broken');
  const seconds = headers['retry-after'];
  return repeated && status === 409 && seconds ? unavailable(TEXTS.broken, Number(seconds)) : undefined;
}

/** The service's head is in the reply: nothing of it is true of this answer. */
function sendInstead(reply: FastifyReply, problem: Problem): void {
  for (const name of OF_THE_BODY) reply.removeHeader(name);
  sendProblem(reply, problem);
}

const OF_THE_BODY = ['content-length', 'content-encoding', 'cache-control', 'etag', 'last-modified', 'set-cookie'];

const lost = (service: string, reason: keyof typeof TEXTS): Problem =>
  unavailable(`The ${service} service ${TEXTS[reason]}.`);

const TEXTS = {
  unsent: 'cannot be reached',
  broken: 'broke off; what was asked may have happened',
  late: 'did not answer in time; what was asked may have happened',
};
