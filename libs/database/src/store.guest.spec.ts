import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformFileSync } from '@swc/core';
import { compileInto, NODE_PATH } from './compiled.fixture.js';
import { type Database, openDatabase } from './index.js';
import { COUNTERS, counters } from './server.fixture.js';

/** Raises a counter of the store in argv[2] as its guest, 50 times, each in a transaction of its own. */
const CHILD = `
const { openDatabase } = require('./index.js');
async function main() {
  const database = await openDatabase({ name: 'test', dataDir: process.argv[2], entities: [], migrations: [], guest: true });
  for (let i = 0; i < 50; i++)
    await database.transaction(() => database.manager.query("UPDATE counters SET value = value + 1 WHERE id = 'a'"));
  await database.close();
}
main().catch((error) => { console.error(error.message); process.exit(1); });
`;

class Later1700000000030 {
  async up(): Promise<void> {}
  async down(): Promise<void> {}
}

describe('a guest of an embedded store', () => {
  let dataDir: string;
  let host: Database;
  const open = (more: object = {}) => openDatabase({ ...COUNTERS, dataDir, ...more });

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'nakku-test-'));
    host = await open();
  });
  afterEach(async () => {
    await host.close();
    rmSync(dataDir, { recursive: true });
  });

  it('writes beside the process that has it, and neither loses a write', async () => {
    await counters(host).add('a');
    compileInto(join(dataDir, 'child'), CHILD, transformFileSync);
    const child = spawn(process.execPath, [join(dataDir, 'child', 'child.js'), dataDir], {
      env: { ...process.env, NODE_PATH },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const ended = once(child, 'exit');
    let raised = 0;
    for (; child.exitCode === null; raised++) await host.transaction(() => counters(host).set('a', () => 'value + 1'));
    expect(await ended).toEqual([0, null]);
    expect(raised).toBeGreaterThan(50);
    expect(await counters(host).valueOf('a')).toBe(raised + 50);
    await counters(host).set('a', 7);
    expect(await counters(host).valueOf('a')).toBe(7);
  });

  it('is the only one who may: another process is refused as ever', async () => {
    await expect(open()).rejects.toThrow(
      'DATA_DIR must belong to one process, but another one has its test database open',
    );
  });

  it('does not change the tables under a running process', async () => {
    const migrations = [...COUNTERS.migrations, Later1700000000030];
    await expect(open({ guest: true, migrations })).rejects.toThrow(
      'the test database is open in a process of an older version, which lacks Later1700000000030',
    );
  });

  it('has the store to itself where nobody runs', async () => {
    await host.close();
    const guest = await open({ guest: true });
    await expect(open()).rejects.toThrow('DATA_DIR must belong to one process');
    await guest.close();
    host = await open();
  });
});
