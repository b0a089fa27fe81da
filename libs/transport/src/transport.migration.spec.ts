import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schemaDrift } from '@nakku/database';
import { availableServers, dropPrefix, freshPrefix, requireServers } from '@nakku/testing';
import { openStore } from './city.fixture.js';

describe('the tables of the transport', () => {
  it('are in an embedded store as the entities say', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'nakku-test-'));
    const database = await openStore('order', { dataDir });
    expect(await schemaDrift(database)).toEqual([]);
    await database.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it.each(availableServers('mysql', 'mariadb'))('are on %s as the entities say', async (kind) => {
    const server = (await requireServers(kind))[kind];
    const prefix = freshPrefix();
    const database = await openStore('order', { server, prefix });
    expect(await schemaDrift(database)).toEqual([]);
    await database.close();
    await dropPrefix(prefix, server);
  });
});
