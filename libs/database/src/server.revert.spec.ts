import { describeWith } from '@nakku/testing';
import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { migrateDatabase, pendingMigrations, planRevert, revertDatabase, type ServerOptions } from './index.js';
import { COUNTERS, Counters1700000000010, dropDatabase, freshDatabase, SERVERS, sql } from './server.fixture.js';

class Colours1700000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('counters', new TableColumn({ name: 'colour', type: 'varchar', isNullable: true }));
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('counters', 'colour');
    await runner.query("UPDATE counters SET value = 0 WHERE id = 'a'");
  }
}

for (const name of SERVERS)
  describeWith([name], `going back on ${name}`, (servers) => {
    let server: ServerOptions;
    const options = () => ({ ...COUNTERS, migrations: [Counters1700000000010, Colours1700000000020], server });
    const tables = async () =>
      (
        await sql<{ name: string }>(
          server,
          `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '${server.database}'`,
        )
      ).map((row) => row.name);

    beforeEach(async () => {
      server = freshDatabase(servers[name]);
      await migrateDatabase(options());
      await sql(server, `INSERT INTO \`${server.database}\`.counters (id, value) VALUES ('a', 7), ('b', 8)`);
    });
    afterEach(() => dropDatabase(server));

    it('says first what would be lost, and changes nothing by that', async () => {
      expect(await planRevert(options(), 2)).toEqual([
        {
          migration: 'Colours1700000000020',
          loses: [
            'the column counters.colour (of 2 rows)',
            "what this changes: UPDATE counters SET value = 0 WHERE id = 'a'",
          ],
        },
        { migration: 'Counters1700000000010', loses: ['the table counters (2 rows)'] },
      ]);
      expect(await pendingMigrations(options())).toEqual([]);
      expect(await sql(server, `SELECT value FROM \`${server.database}\`.counters WHERE id = 'a'`)).toEqual([
        { value: 7 },
      ]);
    });

    it('undoes the last migration, or several, which can be run again', async () => {
      expect(await revertDatabase(options(), 1)).toEqual(['Colours1700000000020']);
      expect(await pendingMigrations(options())).toEqual(['Colours1700000000020']);
      expect(await migrateDatabase(options())).toEqual(['Colours1700000000020']);
      expect(await revertDatabase(options(), 2)).toEqual(['Colours1700000000020', 'Counters1700000000010']);
      expect(await tables()).not.toContain('counters');
    });

    it('refuses a migration that this version does not know, and a database that is not there', async () => {
      const older = { ...options(), migrations: [Counters1700000000010] };
      await expect(planRevert(older, 1)).rejects.toThrow('Colours1700000000020 was run by another version of Nakku');
      await dropDatabase(server);
      await expect(revertDatabase(options(), 1)).rejects.toThrow(`there is no database ${server.database} on `);
    });
  });
