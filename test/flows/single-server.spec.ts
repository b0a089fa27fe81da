import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, Server } from '../processes/server.js';
import { flows } from './flows.js';

describe('on embedded stores', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'nakku-flows-'));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  flows('single-server, as it is built', async (env) => {
    const server = new Server(await freePort(), { DATA_DIR: dataDir, ...env });
    await server.start();
    return server;
  });
});
