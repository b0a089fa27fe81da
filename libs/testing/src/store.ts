import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireServers } from './infra.js';
import { dropPrefix, freshPrefix, namesWith } from './infra.prefix.js';

/** Where a test keeps a domain's tables. */
export type StoreKind = 'embedded' | 'mysql' | 'mariadb';

/** An empty store for one test: the variables that open it, and its end. */
export interface TestStore {
  embedded: boolean;
  env: Record<string, string>;
  remove(): Promise<void>;
}

/** A fresh store of this kind; without a word the embedded one, or what TEST_STORE says. */
export const testStore = (kind = (process.env.TEST_STORE ?? 'embedded') as StoreKind): Promise<TestStore> =>
  kind === 'embedded' ? Promise.resolve(embedded()) : onServer(kind);

function embedded(): TestStore {
  const folder = mkdtempSync(join(tmpdir(), 'nakku-test-'));
  return {
    embedded: true,
    env: { DATA_DIR: folder },
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function onServer(kind: 'mysql' | 'mariadb'): Promise<TestStore> {
  const server = (await requireServers(kind))[kind];
  const prefix = freshPrefix();
  return { embedded: false, env: { ...server.env, ...namesWith(prefix) }, remove: () => dropPrefix(prefix, server) };
}
