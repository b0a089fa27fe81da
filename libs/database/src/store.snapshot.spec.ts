import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import libsql from 'libsql';
import { copyStores, examineStore } from './store.snapshot.js';

const rows = (file: string, sql: string): Record<string, unknown>[] => {
  const connection = new libsql(file);
  try {
    return connection.prepare(sql).all([]) as Record<string, unknown>[];
  } finally {
    connection.close();
  }
};

/** Counts up in both files in turn, each a commit, as fast as it can. */
const WRITER = `
  const { workerData, parentPort } = require('node:worker_threads');
  const Database = require(workerData.libsql);
  const [cause, effect] = workerData.files.map((file) => {
    const connection = new Database(file);
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = OFF');
    connection.pragma('busy_timeout = 5000');
    connection.exec('CREATE TABLE counter (n INTEGER)');
    connection.exec('INSERT INTO counter VALUES (0)');
    return connection.prepare('UPDATE counter SET n = n + 1');
  });
  let longestMs = 0;
  const write = (statement) => {
    const t = performance.now();
    statement.run([]);
    longestMs = Math.max(longestMs, performance.now() - t);
  };
  let stopped = false;
  parentPort.on('message', () => (stopped = true));
  const round = () => {
    for (let i = 0; i < 20; i++) { write(cause); write(effect); }
    if (!stopped) setTimeout(round, 1);
    else parentPort.postMessage({ longestMs });
  };
  parentPort.postMessage('ready');
  round();
`;

describe('copies of several stores', () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nakku-snapshot-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are of one instant, however fast somebody writes to them in turn', async () => {
    const files = [at('cause.sqlite'), at('effect.sqlite')];
    const worker = new Worker(WRITER, { eval: true, workerData: { files, libsql: require.resolve('libsql') } });
    const told = () => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await told();
    const gaps = new Set<number>();
    let last = -1;
    for (let round = 0; round < 25; round++) {
      const to = files.map((_, i) => at(`copy-${round}-${i}`));
      await copyStores(files.map((file, i) => ({ file, to: to[i]! })));
      const [cause, effect] = to.map((file) => rows(file, 'SELECT n FROM counter')[0]!.n as number);
      gaps.add(cause! - effect!);
      expect(cause).toBeGreaterThanOrEqual(last);
      last = cause!;
    }
    worker.postMessage('stop');
    await told();
    await worker.terminate();
    expect(last).toBeGreaterThan(100);
    expect([...gaps].every((gap) => gap === 0 || gap === 1)).toBe(true);
  });

  it('have all that the file has: rows, indexes, numbers given, and what is only in the log yet', async () => {
    const source = new libsql(at('a.sqlite'));
    source.pragma('journal_mode = WAL');
    source.pragma('user_version = 7');
    source.exec('CREATE TABLE migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT)');
    source.exec('CREATE TABLE "odd ""name" (id TEXT PRIMARY KEY, v TEXT UNIQUE)');
    source.exec('CREATE UNIQUE INDEX by_v ON "odd ""name" (v, id)');
    source.exec(`INSERT INTO migrations (name) VALUES ('First1'), ('Second2'), ('gone')`);
    source.exec(`DELETE FROM migrations WHERE name = 'gone'`);
    source.exec(`INSERT INTO "odd ""name" VALUES ('k', 'it''s')`);
    await copyStores([{ file: at('a.sqlite'), to: at('b.sqlite') }]);
    source.exec(`DELETE FROM migrations`);
    source.close();
    const schema = 'SELECT type, name, sql FROM sqlite_master ORDER BY type, name';
    expect(rows(at('b.sqlite'), schema)).toEqual(rows(at('a.sqlite'), schema));
    expect(rows(at('b.sqlite'), 'SELECT * FROM "odd ""name"')).toMatchObject([{ id: 'k', v: "it's" }]);
    expect(rows(at('b.sqlite'), 'SELECT * FROM sqlite_sequence')).toMatchObject([{ name: 'migrations', seq: 3 }]);
    expect(rows(at('b.sqlite'), 'PRAGMA user_version')).toMatchObject([{ user_version: 7 }]);
    expect(examineStore(at('b.sqlite'))).toEqual({ problems: [], migrations: ['First1', 'Second2'] });
  });

  it('are refused where a file is missing, and overwrite nothing', async () => {
    await expect(copyStores([{ file: at('none.sqlite'), to: at('x') }])).rejects.toThrow('none.sqlite is missing');
    expect(existsSync(at('none.sqlite'))).toBe(false);
    new libsql(at('a.sqlite')).close();
    writeFileSync(at('a.sqlite'), '');
    writeFileSync(at('b.sqlite'), 'precious');
    const refused = copyStores([{ file: at('a.sqlite'), to: at('b.sqlite') }]);
    await expect(refused).rejects.toThrow('b.sqlite is there already');
  });

  it('that are damaged are told apart', () => {
    writeFileSync(at('bad.sqlite'), 'not a database at all, but long enough to be looked at'.repeat(40));
    expect(examineStore(at('bad.sqlite')).problems).not.toEqual([]);
  });
});
