import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DomainDefinition, type Running, start } from '@nakku/runtime';
import { type Http, httpClientOf } from './http.js';

/** A process of Nakku inside the test. */
export interface TestProcess extends Running {
  http: Http;
  dataDir: string;
}

/** Starts these services on a random port with an empty data folder; `stop` removes the folder unless it was given. */
export async function startProcess(
  definitions: readonly DomainDefinition[],
  env: Record<string, string> = {},
): Promise<TestProcess> {
  const dataDir = env.DATA_DIR ?? mkdtempSync(join(tmpdir(), 'nakku-test-'));
  const running = await start(definitions, {
    NODE_ENV: 'test',
    LOG_LEVEL: 'error',
    PORT: '0',
    HOST: '127.0.0.1',
    RATE_LIMITS: 'off',
    SHUTDOWN_DRAIN_MS: '0',
    DATA_DIR: dataDir,
    ...env,
  });
  return {
    ...running,
    dataDir,
    http: httpClientOf(running.url),
    async stop() {
      await running.stop();
      if (!env.DATA_DIR) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Waits until `look` gives something truthy; throws with `what` after `ms` (20 s). */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false | null>,
  ms = 20_000,
): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what} did not happen within ${ms / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
