import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describeWith } from '@nakku/testing';
import { transformFileSync } from '@swc/core';
import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { compileInto, NODE_PATH } from './compiled.fixture.js';
import { migrateDatabase, openDatabase, pendingMigrations, type ServerOptions } from './index.js';
import { COUNTERS, Counters1700000000010, dropDatabase, freshDatabase, SERVERS, sql } from './server.fixture.js';

const OWN = 'ReplicaHeartbeat1700000000000';

/** Fails after its first statement. */
class Halved1700000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({ name: 'halves', columns: [{ name: 'id', type: 'integer', isPrimary: true }] }),
    );
    await runner.query('ALTER TABLE nowhere\n ADD COLUMN x INT');
  }
  async down(): Promise<void> {}
}

/** Opens a database by two migrations, of which one takes its time, and says which it has run itself. */
const CHILD = `
const { migrateDatabase } = require('./index.js');
const { Table } = require('typeorm');
class Slow1700000000010 {
  async up(runner) {
    await runner.createTable(new Table({ name: 'slow', columns: [{ name: 'id', type: 'integer', isPrimary: true }] }));
    await runner.query('INSERT INTO slow (id) VALUES (1)');
    await runner.query('DO SLEEP(0.4)');
  }
}
class Quick1700000000011 {
  async up(runner) { await runner.query('INSERT INTO slow (id) VALUES (2)'); }
}
const options = { name: 'test', entities: [], migrations: [Slow1700000000010, Quick1700000000011] };
migrateDatabase({ ...options, server: JSON.parse(process.argv[2]) }).then(
  (run) => console.log(run.length),
  (error) => { console.error(error.message); process.exit(1); },
);
`;

for (const name of SERVERS)
  describeWith([name], `migrations on ${name}`, (servers) => {
    let server: ServerOptions;
    const options = () => ({ ...COUNTERS, server });
    const migrationsIn = async () =>
      (await sql<{ name: string }>(server, `SELECT name FROM \`${server.database}\`.migrations ORDER BY id`)).map(
        (row) => row.name,
      );

    beforeEach(() => {
      server = freshDatabase(servers[name]);
    });
    afterEach(() => dropDatabase(server));

    it('make the database, and run once', async () => {
      expect(await pendingMigrations(options())).toEqual([OWN, 'Counters1700000000010']);
      expect(await migrateDatabase(options())).toEqual([OWN, 'Counters1700000000010']);
      expect(await pendingMigrations(options())).toEqual([]);
      expect(await migrateDatabase(options())).toEqual([]);
      expect(await migrationsIn()).toEqual([OWN, 'Counters1700000000010']);
    });

    it('run once however many processes start with them', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'nakku-migrate-'));
      compileInto(folder, CHILD, transformFileSync);
      const start = async () => {
        const child = spawn(process.execPath, [join(folder, 'child.js'), JSON.stringify(server)], {
          env: { ...process.env, NODE_PATH },
        });
        const [out, error] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
        return (out + error).trim();
      };
      const said = await Promise.all([start(), start(), start()]);
      rmSync(folder, { recursive: true, force: true });
      expect(said.sort()).toEqual(['0', '0', '3']);
      expect(await sql(server, `SELECT id FROM \`${server.database}\`.slow ORDER BY id`)).toEqual([
        { id: 1 },
        { id: 2 },
      ]);
    });

    it('compare bytes: A and a, and a with a blank behind it, are different keys', async () => {
      const database = await openDatabase(options());
      const insert = (id: string) => database.manager.query('INSERT INTO counters (id, value) VALUES (?, 1)', [id]);
      for (const id of ['a', 'A', 'a ', 'ä']) await insert(id);
      expect(await database.manager.query("SELECT id FROM counters WHERE id = 'a'")).toEqual([{ id: 'a' }]);
      await database.close();
    });

    it('alter an empty database that somebody made with another collation', async () => {
      await sql(server, `CREATE DATABASE \`${server.database}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`);
      await migrateDatabase(options());
      const [row] = await sql<{ name: string }>(
        server,
        `SELECT collation_name AS name FROM information_schema.columns WHERE table_schema = '${server.database}' AND table_name = 'counters' AND column_name = 'id'`,
      );
      expect(row!.name).toMatch(/_bin$/);
    });

    it('refuse, in one line, a database with tables where A and a are equal', async () => {
      await sql(
        server,
        `CREATE DATABASE \`${server.database}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`,
        `CREATE TABLE \`${server.database}\`.old (id INT PRIMARY KEY)`,
      );
      await expect(openDatabase(options())).rejects.toThrow(
        `${server.database} compares text by utf8mb4_general_ci, where A and a are equal: it must be a binary collation`,
      );
    });

    it('are not run where they are never to be: the start is refused in one line until somebody has', async () => {
      const never = { ...COUNTERS, server: { ...server, migrate: 'never' as const } };
      const refusal = `${server.database} lacks 2 migrations (${OWN} …), and DB_MIGRATE is never`;
      await expect(openDatabase(never)).rejects.toThrow(refusal);
      await migrateDatabase(options());
      await (await openDatabase(never)).close();
    });

    it('say which one failed and why, in one line, and keep those before it', async () => {
      const halved = { ...options(), migrations: [Counters1700000000010, Halved1700000000020] };
      const message = await openDatabase(halved).catch((error: Error) => error.message);
      expect(message).toMatch(/^app_\w+ could not be migrated: Halved1700000000020 failed: .*nowhere.*$/);
      expect(await migrationsIn()).toEqual([OWN, 'Counters1700000000010']);
    });

    it('are refused in one line, without the password, where the login is', async () => {
      const wrong = { ...COUNTERS, server: { ...server, password: 'hunter2', startMs: 0 } };
      const message = await openDatabase(wrong).catch((error: Error) => error.message);
      expect(message).toMatch(
        new RegExp(`^${server.database} on [\\w.]+:\\d+ cannot be opened: Access denied for user .*$`),
      );
      expect(message).not.toContain('hunter2');
    });

    it('wait for a server that is not there yet, but not for ever', async () => {
      const nobody = { ...COUNTERS, server: { ...server, port: 1, startMs: 300 } };
      const startedAt = performance.now();
      await expect(openDatabase(nobody)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
      expect(performance.now() - startedAt).toBeGreaterThan(290);
    });
  });
