import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '@nakku/database';

const WRITER = join(__dirname, 'writer.cjs');

describe('the embedded store under kill -9', () => {
  let dataDir: string;

  beforeAll(() => (dataDir = mkdtempSync(join(tmpdir(), 'nakku-store-'))));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  /** Lets the writer write for a while, kills it, and gives the ids that it had acknowledged. */
  async function writeAndDie(ms: number): Promise<string[]> {
    const child = spawn(process.execPath, [WRITER, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk) => (printed += chunk));
    const closed = new Promise((resolve) => child.once('close', resolve));
    while (!printed) await sleep(10);
    await sleep(ms);
    child.kill('SIGKILL');
    await closed;
    return printed.slice(0, printed.lastIndexOf('\n')).split('\n');
  }

  it('has every row that it had acknowledged, and no transaction by half, three times over', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round++) acknowledged.push(...(await writeAndDie(100 + Math.random() * 300)));
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { open } = require('./writer.cjs') as { open: (dataDir: string) => Promise<Database> };
    const database = await open(dataDir);
    const rows = await database.manager.find<{ id: string; twin: boolean }>('rows');
    await database.close();
    const ids = new Set(rows.map(({ id }) => id));
    expect(acknowledged.length).toBeGreaterThan(100);
    expect(acknowledged.filter((id) => !ids.has(id) || !ids.has(`${id}-twin`))).toEqual([]);
    expect(rows.filter(({ twin }) => twin)).toHaveLength(rows.length / 2);
  });
});
