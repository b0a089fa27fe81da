import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, pendingInStore } from './index.js';
import { COUNTERS } from './server.fixture.js';

describe('what an embedded store lacks', () => {
  let dataDir: string;
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'nakku-test-'))));
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it('is everything while it is not there, and looking makes no file', () => {
    expect(pendingInStore({ ...COUNTERS, dataDir: join(dataDir, 'none') })).toEqual(['Counters1700000000010']);
  });

  it('is nothing once it was opened, also while its process has it open', async () => {
    const database = await openDatabase({ ...COUNTERS, dataDir });
    expect(pendingInStore({ ...COUNTERS, dataDir })).toEqual([]);
    await database.close();
    class More1700000000030 {
      async up(): Promise<void> {}
      async down(): Promise<void> {}
    }
    const migrations = [More1700000000030, ...COUNTERS.migrations];
    expect(pendingInStore({ ...COUNTERS, dataDir, migrations })).toEqual(['More1700000000030']);
  });
});
