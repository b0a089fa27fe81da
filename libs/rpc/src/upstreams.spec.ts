import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '@nakku/testing';
import type { Place, Watch } from './place.js';
import { RetryBudget } from './retry-budget.js';
import { Cancel, Unanswered } from './upstream.js';
import { Upstreams } from './upstreams.js';

/** One copy of a service. */
class Copy {
  count = 0;
  answer: (response: ServerResponse) => void = (response) => response.end(this.name);
  private readonly server: Server = createServer((_request, response) => {
    this.count++;
    this.answer(response);
  });

  constructor(private readonly name: string) {}

  async start(port = 0): Promise<this> {
    await new Promise<void>((listening) => this.server.listen(port, '127.0.0.1', listening));
    return this;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

const GET = { method: 'GET' as const, path: '/', headers: {} };
const soon = (ms = 2000) => Date.now() + ms;

describe('the copies of a service', () => {
  const copies: Copy[] = [];
  let tell: (places: Place[]) => void;
  let watched = 0;
  let upstreams: Upstreams;

  beforeEach(async () => {
    copies.push(await new Copy('a').start(), await new Copy('b').start());
    watched = 0;
    const watch: Watch = (told) => {
      watched++;
      tell = told;
      return () => watched--;
    };
    upstreams = new Upstreams('order', watch);
  });
  afterEach(async () => {
    await upstreams.destroy();
    for (const copy of copies.splice(0)) copy.stop();
  });

  const places = (...which: Copy[]) => which.map(({ origin }) => ({ origin }));
  const ask = async (deadline = soon(), repeat: 'never' | 'unsent' | 'always' = 'always') =>
    (await upstreams.send(GET, { repeat, deadline })).body.text();

  it('are looked for when somebody first asks, who waits for that', async () => {
    expect(watched).toBe(0);
    const asked = ask();
    await eventually('the search', async () => watched === 1);
    tell(places(copies[0]!));
    expect(await asked).toBe('a');
    await upstreams.close();
    expect(watched).toBe(0);
  });

  it('are waited for until the deadline and no longer', async () => {
    await expect(ask(soon(50))).rejects.toMatchObject({ reason: 'late' });
  });

  it('are nowhere: nothing was sent', async () => {
    const asked = ask();
    tell([]);
    await expect(asked).rejects.toMatchObject({ reason: 'unsent' });
  });

  it('come and go: a new one is asked, one that is gone is not, and what it was asked before is answered', async () => {
    const [a, b] = copies as [Copy, Copy];
    let finish: (() => void) | undefined;
    a.answer = (response) => (finish = () => response.end('late a'));
    const first = ask();
    tell(places(a));
    await eventually('the request', async () => finish);

    tell(places(b));
    expect([await ask(), await ask()]).toEqual(['b', 'b']);
    finish!();
    expect(await first).toBe('late a');
  });

  it('get the next request when they have the fewest to answer', async () => {
    const [a, b] = copies as [Copy, Copy];
    const held: ServerResponse[] = [];
    a.answer = (response) => held.push(response);
    const asked = [ask(), ask()];
    tell(places(a, b));
    await eventually('a held request', async () => held.length > 0);
    const before = b.count;
    for (let i = 0; i < 5; i++) expect(await ask()).toBe('b');
    expect(b.count).toBe(before + 5);
    for (const response of held) response.end('a');
    await Promise.all(asked);
  });

  it('say that they stop: the other one gets what follows', async () => {
    const [a, b] = copies as [Copy, Copy];
    a.answer = (response) => response.writeHead(200, { connection: 'close' }).end('last');
    const first = ask();
    tell(places(a, b));
    const answers = [await first];
    for (let i = 0; i < 6; i++) answers.push(await ask());
    expect(answers.filter((text) => text === 'last').length).toBe(1);
  });

  it('are asked no more when whoever asked has gone', async () => {
    const [a] = copies as [Copy];
    let closed = false;
    a.answer = (response) => response.once('close', () => (closed = true));
    const cancel = new Cancel();
    const asked = upstreams.send(GET, { repeat: 'always', deadline: soon(), cancel });
    tell(places(a));
    await eventually('the request', async () => a.count);
    cancel.now('cancelled');
    await expect(asked).rejects.toMatchObject({ reason: 'cancelled', blamed: false });
    await eventually('its end at the service', async () => closed);
    expect(a.count).toBe(1);
  });

  it('are asked once where the caller says never again', async () => {
    const gone = places(copies[0]!);
    copies[0]!.stop();
    const asked = ask(soon(), 'never');
    tell(gone);
    await expect(asked).rejects.toBeInstanceOf(Unanswered);
  });
});

describe('RetryBudget', () => {
  it('gives a reserve, then one repetition for five requests, and saves no more than it should', () => {
    const budget = new RetryBudget();
    const spent = () => {
      let count = 0;
      while (budget.spend()) count++;
      return count;
    };
    expect(spent()).toBe(10);
    for (let i = 0; i < 25; i++) budget.earn();
    expect(spent()).toBe(5);
    for (let i = 0; i < 10_000; i++) budget.earn();
    expect(spent()).toBe(100);
  });
});
