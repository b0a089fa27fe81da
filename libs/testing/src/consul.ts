import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A copy of a service as Consul knows it. */
export interface Registered {
  name: string;
  address: string;
  node: string;
  port: number;
  passing: boolean;
}

/** Speaks the part of Consul's HTTP API that discovery uses (`/v1/health/service/<name>`): checks, the index, questions that wait for a change. */
export class ConsulStandIn {
  readonly asked: URL[] = [];
  token?: string;
  down = false;
  index = 10;
  private services: readonly Registered[] = [];
  private readonly waiting = new Set<() => void>();
  private readonly server: Server = createServer(({ url, headers }, response) => {
    this.token = headers['x-consul-token'] as string;
    this.answer(new URL(url!, 'http://consul'), response);
  });

  async start(): Promise<string> {
    await new Promise<void>((listening) => this.server.listen(0, '127.0.0.1', listening));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What is registered from now on; whoever waits for a change hears of it. */
  set(...services: Registered[]): void {
    this.services = services;
    this.index++;
    for (const wake of this.waiting) wake();
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(url: URL, response: ServerResponse): void {
    this.asked.push(url);
    if (this.down) return void response.writeHead(500).end('no leader');
    const send = () => {
      this.waiting.delete(send);
      const name = url.pathname.split('/').at(-1);
      const found = this.services.filter(
        (one) => one.name === name && (one.passing || !url.searchParams.has('passing')),
      );
      response.writeHead(200, { 'content-type': 'application/json', 'x-consul-index': String(this.index) });
      response.end(
        JSON.stringify(
          found.map(({ address, node, port }) => ({
            Node: { Node: 'a', Address: node },
            Service: { Service: name, Address: address, Port: port, Tags: [] },
            Checks: [{ Status: 'passing' }],
          })),
        ),
      );
    };
    if (Number(url.searchParams.get('index')) === this.index) this.waiting.add(send);
    else send();
  }
}
