import '../../apps/nakku/src/index.js'; // loads the domains, and so what their modules declare
import { type Domain, DOMAINS, Environment } from '@nakku/config';
import { type Database, openDatabase, schemaDrift } from '@nakku/database';
import { storeOf } from '@nakku/runtime';
import { describeWith, type StoreKind, testStore } from '@nakku/testing';

/** Of TypeORM, and of a server with replicas: what no entity is for. */
const OWN = ['migrations', 'replica_heartbeat'];

/** A domain's store, migrated from empty as the runtime does it; it may be closed, and opened again. */
async function onStore(kind: StoreKind, domain: Domain, look: (open: () => Promise<Database>) => Promise<void>) {
  const store = await testStore(kind);
  let database: Database | undefined;
  const close = async () => database?.close();
  try {
    await look(async () => {
      await close();
      return (database = await openDatabase(storeOf(domain, new Environment(store.env))));
    });
  } finally {
    await close();
    await store.remove();
  }
}

async function tablesOf({ manager, shared }: Database): Promise<string[]> {
  const rows = await manager.query<{ name: string }[]>(
    shared
      ? 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()'
      : "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  );
  return rows.map(({ name }) => name).sort();
}

/** Each with its columns, whose order schemaDrift does not compare. */
async function indicesOf({ manager: { dataSource } }: Database): Promise<{ are: string[]; declared: string[] }> {
  const entities = dataSource.entityMetadatas;
  const tables = await dataSource.createQueryRunner().getTables(entities.map(({ tableName }) => tableName));
  const are = tables.flatMap(({ indices }) => indices.map(({ name, columnNames }) => `${name}: ${columnNames.join()}`));
  const declared = entities.flatMap(({ indices }) =>
    indices.map(({ name, columns }) => `${name}: ${columns.map(({ databaseName }) => databaseName).join()}`),
  );
  return { are: are.sort(), declared: declared.sort() };
}

const withoutOwn = (tables: string[]) => tables.filter((name) => !OWN.includes(name));

const suite = (kind: StoreKind) =>
  describe.each(DOMAINS)('the tables of %s', (domain) => {
    it('are what its entities say', () =>
      onStore(kind, domain, async (open) => {
        const database = await open();
        expect(await schemaDrift(database)).toEqual([]);
        const declared = database.manager.dataSource.entityMetadatas.map(({ tableName }) => tableName);
        expect(declared.length).toBeGreaterThan(5); // five are of every domain
        expect(withoutOwn(await tablesOf(database))).toEqual(declared.sort());
      }));

    it('go with its migrations, and come again', () =>
      onStore(kind, domain, async (open) => {
        const database = await open();
        const { dataSource } = database.manager;
        const before = await tablesOf(database);
        for (const _ of dataSource.migrations) await dataSource.undoLastMigration({ transaction: 'none' });
        expect(await tablesOf(database)).toEqual(['migrations']);
        const again = await open();
        expect(await tablesOf(again)).toEqual(before);
        expect(await schemaDrift(again)).toEqual([]);
      }));
  });

describe('in the embedded store', () => {
  suite('embedded');

  // On the servers too, where the same migrations make them; but there TypeORM does not ask for their columns in order.
  it.each(DOMAINS)('the indexes of %s have their columns in the order of its entities', (domain) =>
    onStore('embedded', domain, async (open) => {
      const { are, declared } = await indicesOf(await open());
      expect(are).toEqual(declared);
    }),
  );
});
describeWith(['mysql'], 'on MySQL', () => suite('mysql'));
describeWith(['mariadb'], 'on MariaDB', () => suite('mariadb'));
