import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const ROW = 'x'.repeat(200);

/** The raw store: durable commits a second, one row each, one after the other (WAL, synchronous=FULL). */
export function durableCommits(seconds) {
  const Database = require('libsql');
  const folder = mkdtempSync(join(tmpdir(), 'nakku-bench-'));
  const database = new Database(join(folder, 'raw.sqlite'));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)');
  const insert = database.prepare('INSERT INTO rows (text) VALUES (?)');
  const latencies = [];
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  while (performance.now() - startedAt < seconds * 1000) {
    const t = performance.now();
    insert.run(ROW);
    latencies.push(performance.now() - t);
  }
  const { user, system } = process.cpuUsage(cpu);
  database.close();
  rmSync(folder, { recursive: true, force: true });
  return { latencies, seconds: (performance.now() - startedAt) / 1000, cpuMs: (user + system) / 1000 };
}
