import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backUp } from '../../apps/nakku/src/backup/back-up.js';
import { restore } from '../../apps/nakku/src/backup/restore.js';
import { freePort, Server } from '../processes/server.js';
import { Books } from './books.js';
import { type Acknowledged, OrderStream } from './stream.js';

const CLIENTS = 6;

jest.setTimeout(120_000);

describe('a server that is backed up while it takes orders', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nakku-restore-'));
  const [dataDir, elsewhere, backups] = ['data', 'elsewhere', 'backups'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const told: string[] = [];
  const tell = (line: string) => void told.push(line);
  let port: number;
  let server: Server;
  let restored: Server | undefined;

  beforeAll(async () => {
    port = await freePort();
    server = new Server(port, { DATA_DIR: dataDir });
    await server.start();
  });
  afterAll(async () => {
    for (const one of [server, restored]) await one?.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('is restored elsewhere with every order that it had said yes to before, and books that balance', async () => {
    const books = await Books.open(server);
    const stream = await new OrderStream(server, books.productIds).start(CLIENTS);
    await stream.more(2 * CLIENTS);
    const before = [...stream.acknowledged];
    await backUp({ dataDir, to: backups, version: 'test', tell });
    await stream.more(2 * CLIENTS);
    await stream.stop();
    expect([stream.broken, stream.wrong]).toEqual([[], []]);
    await server.end('SIGKILL');

    await restore({ dataDir: elsewhere, from: backups, tell });
    restored = new Server(port, { DATA_DIR: elsewhere });
    await restored.start();
    const kept: Acknowledged[] = [];
    for (const one of stream.acknowledged) {
      const { status } = await restored.http.get(`/api/v1/orders/${one.id}`, { as: one.token });
      if (status === 200) kept.push(one);
    }
    expect(kept.map(({ id }) => id)).toEqual(expect.arrayContaining(before.map(({ id }) => id)));
    expect(kept.length).toBeLessThan(stream.acknowledged.length);
    await books.balance(kept);
  });

  it('keeps the backups that it is told to keep, and says how far it is', async () => {
    const [first] = readdirSync(backups);
    await new Promise((resolve) => setTimeout(resolve, 1000)); // a backup's name has its second
    const second = await backUp({ dataDir: elsewhere, to: backups, keep: 1, version: 'test', tell });
    expect(readdirSync(backups).map((name) => join(backups, name))).toEqual([second]);
    expect(told).toContain(`removed ${join(backups, first!)}`);
    expect(told.filter((line) => line.startsWith('10/10 '))).toHaveLength(2);
  });

  it('cannot be restored over: not while a server runs, and not over data unless told so', async () => {
    await expect(restore({ dataDir: elsewhere, from: backups, force: true, tell })).rejects.toThrow(
      'stop the server first',
    );
    await restored!.end('SIGKILL');
    await expect(restore({ dataDir: elsewhere, from: backups, tell })).rejects.toThrow('--force moves them aside');
    await restore({ dataDir: elsewhere, from: backups, force: true, tell });
    const aside = readdirSync(elsewhere).find((name) => name.startsWith('before-restore-'))!;
    expect(existsSync(join(elsewhere, aside, 'order.sqlite'))).toBe(true);
    expect(existsSync(join(elsewhere, 'order.sqlite-wal'))).toBe(false);
  });

  it('is not restored from files that were changed, or written by a later version', async () => {
    const target = { dataDir: join(folder, 'never'), tell };
    const [name] = readdirSync(backups);
    const manifest = join(backups, name!, 'manifest.json');
    const content = readFileSync(manifest, 'utf8');
    const changed = content.replace(/"migrations": \[\s*"/, '$&Later');
    writeFileSync(manifest, changed);
    await expect(restore({ ...target, from: backups })).rejects.toThrow('of a later version');
    writeFileSync(manifest, content.replace(/"file": "user\.sqlite"/, '"file": "../user.sqlite"'));
    await expect(restore({ ...target, from: backups })).rejects.toThrow('manifest.json cannot be used');
    writeFileSync(manifest, content);
    writeFileSync(join(backups, name!, 'user.sqlite'), 'x');
    await expect(restore({ ...target, from: backups })).rejects.toThrow('was changed since it was written');
    await expect(restore({ ...target, from: folder })).rejects.toThrow('neither a backup nor a folder that has one');
    expect(existsSync(target.dataDir)).toBe(false);
  });
});
