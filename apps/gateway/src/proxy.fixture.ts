import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { CoreSettings, DOMAINS, Environment } from '@nakku/config';
import { TokenService } from '@nakku/auth';
import type { DomainDefinition } from '@nakku/runtime';
import { gateway } from './index.js';

/** What a stand-in for a service was asked. */
export interface Asked {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

type Handler = (request: IncomingMessage, response: ServerResponse, asked: Asked) => void;

/** A server of the test's own in place of a service: it keeps what it was asked, and answers as it is told. */
export class StandIn {
  readonly asked: Asked[] = [];
  port = 0;
  private readonly sockets = new Set<Socket>();
  private server?: Server;

  constructor(private handler: Handler = (_request, response) => answer(response, 200, { ok: true })) {}

  /** Listens; on the port that it had, when it is started again. */
  async start(): Promise<this> {
    this.server = createServer((request, response) => void this.take(request, response));
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    await new Promise<void>((listening) => this.server!.listen(this.port, '127.0.0.1', listening));
    this.port = (this.server.address() as AddressInfo).port;
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get last(): Asked {
    return this.asked.at(-1)!;
  }

  answers(handler: Handler): void {
    this.handler = handler;
  }

  /** How many connections are open. */
  get open(): number {
    return this.sockets.size;
  }

  async stop(): Promise<void> {
    if (!this.server?.listening) return;
    const closed = new Promise((done) => this.server!.close(done));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const asked = { method, url, headers, body: '' };
    this.asked.push(asked);
    try {
      for await (const chunk of request) asked.body += String(chunk);
      this.handler(request, response, asked);
    } catch {
      response.destroy(); // whoever asked broke off
    }
  }
}

/** Answers with JSON. */
export function answer(response: ServerResponse, status: number, body: unknown, headers: object = {}): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** What starts a gateway alone, with these URLs for services; the others are nowhere. */
export function gatewayTo(
  urls: Partial<Record<string, string>>,
  env: Record<string, string> = {},
): [DomainDefinition[], Record<string, string>] {
  const all = DOMAINS.map((domain) => [`${domain.toUpperCase()}_SERVICE_URL`, urls[domain] ?? 'http://127.0.0.1:1']);
  return [[gateway], { LOG_LEVEL: 'silent', ...(Object.fromEntries(all) as Record<string, string>), ...env }];
}

/** Tokens as all processes of a test take them. */
export const tokens = new TokenService(new Environment({ NODE_ENV: 'test' }).get(CoreSettings));

/** The access token of somebody with a role. */
export const tokenOf = (role: 'customer' | 'admin' = 'customer'): Promise<string> =>
  tokens.signAccess({ id: '01890000-0000-7000-8000-000000000001', roles: [role], stores: [] });
