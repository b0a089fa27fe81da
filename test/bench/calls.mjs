import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closedLoop } from './load.mjs';
import { startServer } from './server.mjs';

const require = createRequire(import.meta.url);
const built = (path) => require(join(import.meta.dirname, '..', '..', 'dist', path));
const RIDE = { from: { lat: 12.9352, lng: 77.6245 }, to: { lat: 12.9719, lng: 77.6412 } };

/** One operation of location, called by a service in the same process and by one in another: checks, context and deadline included. */
export async function calls(seconds, env = {}) {
  const { start } = built('libs/runtime/src/index.js');
  const { apps } = built('apps/nakku/src/index.js');
  const { LocationApi } = built('libs/contracts/src/index.js');
  const dataDir = mkdtempSync(join(tmpdir(), 'nakku-bench-'));
  const quiet = { NODE_ENV: 'development', LOG_LEVEL: 'silent', HOST: '127.0.0.1', PORT: '0', ...env };
  const remote = await startServer('dist/apps/nakku/src/main.js', { SERVICES: 'location', ...env });
  const here = await start([apps.location], { ...quiet, DATA_DIR: join(dataDir, 'here') });
  const there = await start([apps.cart], {
    ...quiet,
    DATA_DIR: join(dataDir, 'there'),
    LOCATION_SERVICE_URL: remote.url,
  });
  const rows = [];
  for (const concurrency of [1, 10]) {
    for (const [name, { app }] of [
      ['call in the same process', here],
      ['call to another process', there],
    ]) {
      const api = app.get(LocationApi);
      await closedLoop(concurrency, 1, () => api.distance(RIDE));
      const cpu = process.cpuUsage();
      const result = await closedLoop(concurrency, seconds, () => api.distance(RIDE));
      const { user, system } = process.cpuUsage(cpu);
      rows.push({ name, concurrency, ...result, callerCpuMs: (user + system) / 1000 / result.operations });
    }
  }
  await Promise.all([here.stop(), there.stop(), remote.stop()]);
  rmSync(dataDir, { recursive: true, force: true });
  return rows;
}
