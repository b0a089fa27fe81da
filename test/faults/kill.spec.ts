import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, Server } from '../processes/server.js';
import { Books } from './books.js';
import { OrderStream } from './stream.js';

const KILLS = 5;
const CLIENTS = 6;

jest.setTimeout(240_000);

describe('a stream of orders during which the server is killed five times', () => {
  let dataDir: string;
  let server: Server;
  let stream: OrderStream;

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'nakku-kill-'));
    server = new Server(await freePort(), { DATA_DIR: dataDir });
    await server.start();
  });
  afterAll(async () => {
    await server.end('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('loses no order, sells nothing twice, charges nobody twice and tells everybody once', async () => {
    const books = await Books.open(server);
    stream = await new OrderStream(server, books.productIds).start(CLIENTS);
    try {
      for (let kill = 0; kill < KILLS; kill++) {
        await sleep(600 + Math.random() * 900);
        await server.end('SIGKILL');
        await server.start();
      }
      await sleep(500);
    } finally {
      await stream.stop();
    }
    expect(stream.acknowledged.length).toBeGreaterThan(KILLS);
    expect(stream.wrong).toEqual([]);
    await books.balance(stream.acknowledged);
  });

  it('stops on SIGTERM within its grace, and has everything when it is back', async () => {
    expect(await server.end('SIGTERM')).toBe(0);
    await server.start();
    const { id, token } = stream.acknowledged[0]!;
    expect((await stream.shop.order(token, id)).id).toBe(id);
  });
});
