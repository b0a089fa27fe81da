import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

const ROOT = join(import.meta.dirname, '..', '..');

/** A port that was free a moment ago. */
export const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** A process under test: its pool, its CPU time, its memory. `coldStartMs`: from the spawn to the first 200. */
export async function startServer(script, env = {}, ready = '/health') {
  const dataDir = mkdtempSync(join(tmpdir(), 'nakku-bench-'));
  const port = env.PORT ?? (await freePort());
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...(process.env.BENCH_NODE_ARGS?.split(' ') ?? []), join(ROOT, script)], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'development',
      LOG_LEVEL: 'error',
      RATE_LIMITS: 'off',
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA_DIR: dataDir,
      ...env,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  process.once('exit', () => child.kill('SIGKILL')); // a bench that fails leaves no server behind
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 64, pipelining: 1 });
  const until = Date.now() + 240_000; // eleven at once on a busy machine
  for (;;) {
    const status = await pool.request({ path: ready, method: 'GET' }).then(
      async ({ statusCode, body }) => (await body.dump(), statusCode),
      () => 0,
    );
    if (status === 200) break;
    if (Date.now() > until || child.exitCode !== null) throw new Error(`${script} did not start`);
    await sleep(10);
  }
  return {
    pool,
    url: `http://127.0.0.1:${port}`,
    coldStartMs: performance.now() - startedAt,
    /** User and system CPU time of the process so far, in milliseconds (utime + stime, 100 ticks a second). */
    cpuMs() {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    rssMb() {
      return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024;
    },
    async stop() {
      await pool.close();
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Sends one request and gives the parsed answer; throws for a status that is not expected. */
export async function call(pool, method, path, { token, body, headers, expect = 200 } = {}) {
  const response = await pool.request({
    method,
    path,
    headers: {
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...headers,
    },
    body: body ? JSON.stringify(body) : undefined,
  });
  const text = await response.body.text();
  if (response.statusCode !== expect)
    throw new Error(`${method} ${path}: ${response.statusCode} ${text.slice(0, 300)}`);
  return text ? JSON.parse(text) : undefined;
}
