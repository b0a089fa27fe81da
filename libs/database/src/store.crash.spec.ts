import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { transformFileSync } from '@swc/core';
import { EntitySchema } from 'typeorm';
import { compileInto, NODE_PATH } from './compiled.fixture.js';
import { openDatabase } from './index.js';

const Row = new EntitySchema<{ id: string }>({ name: 'rows', columns: { id: { type: 'varchar', primary: true } } });

/** Opens the store of argv[2] and writes from 16 clients, two rows a transaction, saying each id when it has been acknowledged. */
const CHILD = `
const { EntitySchema, Table } = require('typeorm');
const { openDatabase } = require('./index.js');
const Row = new EntitySchema({ name: 'rows', columns: { id: { type: 'varchar', primary: true } } });
class Rows1700000000010 {
  async up(runner) {
    await runner.createTable(new Table({ name: 'rows', columns: [{ name: 'id', type: 'varchar', isPrimary: true }] }));
  }
  async down() {}
}
async function main() {
  const database = await openDatabase({ name: 'test', dataDir: process.argv[2], entities: [Row], migrations: [Rows1700000000010] });
  const add = (id) => database.manager.createQueryBuilder().insert().into(Row).values({ id }).updateEntity(false).execute();
  const client = async (c) => {
    for (let i = 0; ; i++) {
      const id = c + '-' + i;
      await database.transaction(() => add(id).then(() => add(id + '-pair')));
      process.stdout.write(id + '\\n');
    }
  };
  for (let c = 0; c < 16; c++) void client(c);
}
main().catch((error) => { console.error(error.message); process.exit(1); });
`;

describe('a process that is killed', () => {
  let root: string;
  let dataDir: string;
  const children: ChildProcess[] = [];

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'nakku-crash-'));
    dataDir = join(root, 'data');
    compileInto(root, CHILD, transformFileSync);
  });
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(root, { recursive: true, force: true });
  });

  const start = (): ChildProcess => {
    const env = { ...process.env, NODE_PATH };
    const child = spawn(process.execPath, [join(root, 'child.js'), dataDir], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    return child;
  };

  /** Kills the child in the midst of its work; resolves to what it had acknowledged. */
  const killAfter = async (child: ChildProcess, count: number): Promise<string[]> => {
    const acknowledged: string[] = [];
    const lines = createInterface({ input: child.stdout! });
    lines.on('line', (line) => {
      acknowledged.push(line);
      if (acknowledged.length === count) child.kill('SIGKILL');
    });
    await Promise.all([once(child, 'exit'), once(lines, 'close')]);
    return acknowledged.filter((id) => /^\d+-\d+$/.test(id));
  };

  it('has lost nothing that it acknowledged, has kept nothing by half, and lets its successor in', async () => {
    const acknowledged = await killAfter(start(), 500);
    const database = await openDatabase({ name: 'test', dataDir, entities: [Row], migrations: [] });
    const kept = new Set((await database.manager.find(Row)).map(({ id }) => id));
    await database.close();
    expect(acknowledged.length).toBeGreaterThanOrEqual(500);
    expect(acknowledged.filter((id) => !kept.has(id) || !kept.has(`${id}-pair`))).toEqual([]);
    expect([...kept].filter((id) => !id.endsWith('-pair') && !kept.has(`${id}-pair`))).toEqual([]);
  });

  it('while it lives refuses its data to another process, in one line', async () => {
    rmSync(dataDir, { recursive: true, force: true });
    const first = start();
    await once(first.stdout!, 'data');
    const second = start();
    const said: Buffer[] = [];
    second.stderr!.on('data', (chunk: Buffer) => said.push(chunk));
    const [code] = await once(second, 'close');
    expect(code).toBe(1);
    expect(Buffer.concat(said).toString()).toBe(
      'DATA_DIR must belong to one process, but another one has its test database open\n',
    );
    await killAfter(first, 1);
  });
});
