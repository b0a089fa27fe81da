import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Controller, Get, Module } from '@nestjs/common';
import { Access } from '@nakku/auth';
import { eventually, startProcess, type TestProcess } from '@nakku/testing';
import { DomainModule } from './domain.module.js';
import { defineDomain } from './domain.js';

/** Lets the slow request end; set while it is under way. */
let finish: (() => void) | undefined;

@Controller('cart')
class SlowController {
  @Get('slow') @Access('public') slow() {
    return new Promise((resolve) => (finish = () => resolve({ done: true })));
  }
  @Get('fast') @Access('public') fast() {
    return { done: true };
  }
}

@Module({ imports: [DomainModule.for({ name: 'cart' })], controllers: [SlowController] })
class SlowModule {}

/** A connection on which requests are written by hand. */
class Line {
  received = '';
  closed = false;
  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk) => (this.received += String(chunk)));
    socket.on('error', () => undefined);
    socket.once('close', () => (this.closed = true));
  }

  static async to(url: string): Promise<Line> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new Line(socket);
  }

  /** Asks, and gives the answer when all of it is there. */
  async ask(path: string): Promise<string> {
    const before = this.received.length;
    this.socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
    await eventually('the answer', async () => this.received.slice(before).includes('}'));
    return this.received.slice(before);
  }

  end(): void {
    this.socket.destroy();
  }
}

describe('a process that stops', () => {
  let service: TestProcess;
  let stopped: Promise<void> | undefined;
  const lines: Line[] = [];

  const begin = async (drainMs: number) => {
    stopped = finish = undefined;
    const cart = defineDomain({ name: 'cart', module: SlowModule });
    service = await startProcess([cart], { LOG_LEVEL: 'silent', SHUTDOWN_DRAIN_MS: String(drainMs) });
  };
  const stop = () => (stopped = service.stop());
  const line = async () => {
    const one = await Line.to(service.url);
    lines.push(one);
    return one;
  };
  afterEach(async () => {
    finish?.();
    for (const one of lines.splice(0)) one.end();
    await (stopped ?? stop());
  });

  it('answers what is under way, what still arrives on an open connection, and lets go of both', async () => {
    await begin(20_000);
    const [busy, idle] = [await line(), await line()];
    expect(await idle.ask('/api/v1/cart/fast')).toMatch(/connection: keep-alive/i);
    const answered = busy.ask('/api/v1/cart/slow');
    await eventually('the request', async () => finish);
    const ended = stop();

    const late = await idle.ask('/api/v1/cart/fast');
    expect(late).toMatch(/^HTTP\/1.1 200/);
    expect(late).toMatch(/connection: close/i);
    finish!();
    const last = await answered;
    expect(last).toMatch(/^HTTP\/1.1 200/);
    expect(last).toMatch(/connection: close/i);
    await ended; // at once, as nobody is connected any more, and not after 20 s
    await eventually('the end of both connections', async () => busy.closed && idle.closed);
  });

  it('refuses new connections at once, and says on the old ones that it is not ready', async () => {
    await begin(20_000);
    const old = await line();
    expect(await old.ask('/health/ready')).toMatch(/^HTTP\/1.1 200/);
    const ended = stop();
    await eventually('the refusal', () => refuses(service.url));
    const ready = await old.ask('/health/ready');
    expect(ready).toMatch(/^HTTP\/1.1 503/);
    expect(ready).toContain('shutdown');
    await ended;
  });

  it('cuts connections that nobody uses when the time for that is over', async () => {
    await begin(100);
    const idle = await line();
    await idle.ask('/api/v1/cart/fast');
    const unused = await line();
    await stop();
    await eventually('their end', async () => idle.closed && unused.closed);
  });
});

const refuses = (url: string): Promise<boolean> =>
  new Promise((tell) => {
    httpRequest(url, (response) => {
      response.resume();
      tell(false);
    })
      .on('error', (error: NodeJS.ErrnoException) => tell(error.code === 'ECONNREFUSED'))
      .end();
  });
