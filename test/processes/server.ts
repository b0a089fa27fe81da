import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { eventually, type Http, httpClientOf } from '@nakku/testing';
import type { Deployment } from './deployment.js';

const MAIN = join(__dirname, '..', '..', 'dist', 'apps', 'nakku', 'src', 'main.js');

/** A port that was free a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** The built server as a process of its own, that can be killed and started again on the same data. */
export class Server implements Deployment {
  readonly url: string;
  readonly http: Http;
  private child?: ChildProcess;
  output = '';

  constructor(
    readonly port: number,
    readonly env: Record<string, string>,
  ) {
    this.url = `http://127.0.0.1:${port}`;
    this.http = httpClientOf(this.url);
  }

  /** Resolves when `/health` says 200, which may take `withinMs`. */
  async start(withinMs = 60_000): Promise<void> {
    const env = {
      PATH: process.env.PATH,
      NODE_ENV: 'development',
      LOG_LEVEL: 'error',
      RATE_LIMITS: 'off',
      HOST: '127.0.0.1',
      PORT: String(this.port),
      ...this.env,
    };
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk) => (this.output += chunk));
    child.stderr.on('data', (chunk) => (this.output += chunk));
    this.child = child;
    const healthy = async () => {
      if (child.exitCode !== null) throw new Error(`the server ended: ${this.output}`);
      const health = await this.http.get('/health').catch(() => undefined);
      return health?.status === 200;
    };
    await eventually('the start of the server', healthy, withinMs);
  }

  /** Stops as an operator would. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** Ends the process with a signal and waits for its end; gives the exit code. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill(signal);
    return ended;
  }
}
