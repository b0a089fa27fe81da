import { AsyncLocalStorage } from 'node:async_hooks';
import type { Readable } from 'node:stream';
import type { FastifyReplyFromHooks } from '@fastify/reply-from';
import { GATEWAY, GATEWAY_TOKEN, type TokenService } from '@nakku/auth';
import { childTraceparent, currentContext } from '@nakku/observability';
import { type Answer, Cancel, type Message, type Repeat, type Upstreams } from '@nakku/rpc';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EventStreams } from './event.streams.js';
import { finish, refuse, sendUnanswered, type ServiceAnswer } from './proxy.answer.js';
import { isTooLarge, passOn, tooLarge } from './proxy.body.js';
import { forClient, forService, type Headers, vary } from './proxy.headers.js';

/** How many milliseconds the service has. */
const TIME_LEFT = 'x-nakku-deadline-ms';

const RETRIABLE = new Set(['GET', 'HEAD', 'PUT', 'DELETE']);

/** A request on its way to a service. */
interface Passage {
  upstreams: Upstreams;
  body: Message['body'];
  repeat: Repeat;
  deadline: number;
  cancel: Cancel;
  /** A stream of events: no end, and no deadline for the service. */
  stream: boolean;
  repeated: boolean;
  error?: unknown;
}

type Callback = (error: Error | null, answer?: Answer) => void;

const passing = new AsyncLocalStorage<Passage>();

/** What reply-from takes for undici: sends each request to a copy of its service. */
export const sender = {
  request(
    this: void,
    { method, path, headers }: Pick<Message, 'method' | 'path' | 'headers'>,
    answered: Callback,
  ): void {
    const passage = passing.getStore()!;
    const { upstreams, body, stream, repeat, deadline, cancel } = passage;
    const onRepeat = () => {
      passage.repeated = true;
      if (!stream) headers[TIME_LEFT] = String(Math.max(1, deadline - Date.now()));
    };
    upstreams.send({ method, path, headers, body, stream }, { repeat, deadline, cancel, onRepeat }).then(
      (answer) => answered(null, answer),
      (error: Error) => {
        passage.error = error;
        answered(error);
      },
    );
  },
};

/** Hands requests on to services, with what only the gateway can say about them. */
export class Forwarding {
  constructor(
    private readonly tokens: TokenService,
    private readonly streams: EventStreams,
    private readonly timeoutMs: number,
  ) {}

  /** Hands a request on to a copy of the service, and its answer back. `upload`: the body is passed on as it comes. */
  async forward(
    request: FastifyRequest,
    reply: FastifyReply,
    upstreams: Upstreams,
    upload = false,
  ): Promise<FastifyReply> {
    if (upload && isTooLarge(request.headers['content-length'])) return refuse(reply, tooLarge());
    const passage = this.passage(request, upstreams, upload);
    reply.raw.once('close', () => reply.raw.writableFinished || passage.cancel.now('cancelled'));
    const own = this.own(request, passage, await this.tokens.signService(GATEWAY));
    request.body = undefined; // reply-from would write it anew
    return passing.run(passage, () => reply.from(undefined, this.hooks(reply, passage, own)));
  }

  private passage(request: FastifyRequest, upstreams: Upstreams, upload: boolean): Passage {
    const { method, headers, body } = request;
    const cancel = new Cancel();
    const harmless = RETRIABLE.has(method) || (method === 'POST' && headers['idempotency-key'] !== undefined);
    return {
      upstreams,
      body: upload && body ? () => passOn(body as Readable, cancel) : (body as Buffer | undefined),
      repeat: harmless && !upload ? 'always' : 'unsent',
      deadline: Date.now() + this.timeoutMs,
      cancel,
      stream: method === 'GET' && isEventStream(request),
      repeated: false,
    };
  }

  /** What we say of a request, and vouch for with our token. */
  private own(request: FastifyRequest, { stream }: Passage, token: string): Headers {
    const { requestId, traceparent } = currentContext();
    const { via } = request.headers;
    return {
      'x-request-id': requestId,
      traceparent: childTraceparent(traceparent),
      via: `${via === undefined ? '' : `${String(via)}, `}1.1 nakku`,
      'x-forwarded-for': request.ip,
      'x-forwarded-proto': request.protocol,
      'x-forwarded-host': request.host,
      [GATEWAY_TOKEN]: token,
      ...(stream ? {} : { [TIME_LEFT]: String(this.timeoutMs) }),
    };
  }

  private hooks(reply: FastifyReply, passage: Passage, own: Headers): FastifyReplyFromHooks {
    const { service } = passage.upstreams;
    return {
      getUpstream: () => `http://${service}`,
      rewriteRequestHeaders: ({ method }, headers) =>
        Object.assign(forService(headers, method !== 'GET' && method !== 'HEAD'), own),
      rewriteHeaders: (headers) => {
        const kept = forClient(headers);
        const ours = reply.getHeader('vary');
        return ours ? { ...kept, vary: vary(ours, kept.vary) } : kept;
      },
      onResponse: (_request, _reply, answer) =>
        void finish(
          reply,
          answer as unknown as ServiceAnswer,
          { service, repeated: passage.repeated },
          this.streams,
        ).catch(
          () => reply.raw.destroy(), // a head that cannot be written
        ),
      onError: () => sendUnanswered(reply, service, passage.error),
      retryDelay: () => null, // Upstreams does that
    };
  }
}

/** An EventSource says what it wants; other clients are known by the path. */
const isEventStream = ({ headers, url }: FastifyRequest): boolean =>
  (headers.accept?.includes('text/event-stream') ?? false) || /\/stream(\?|$)/.test(url);
