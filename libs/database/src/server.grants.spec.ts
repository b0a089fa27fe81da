import { randomBytes } from 'node:crypto';
import { describeWith } from '@nakku/testing';
import { createConnection } from 'mysql2/promise';
import { type Database, grantsFor, openDatabase, type ServerOptions } from './index.js';
import { COUNTERS, counters, dropDatabase, freshDatabase, SERVERS } from './server.fixture.js';

/** A password of whatever a generator may come up with. */
const PASSWORD = `it's "\\\`% ${randomBytes(6).toString('hex')}`;

for (const name of SERVERS)
  describeWith([name], `users with the least privilege on ${name}`, (servers) => {
    const id = randomBytes(4).toString('hex');
    const migrator = { user: `mig_${id}`, password: PASSWORD };
    let order: ServerOptions;
    let user: ServerOptions;
    const opened: Database[] = [];

    const asRoot = async (...statements: string[]) => {
      const connection = await createConnection({ ...servers[name].root });
      for (const statement of statements) await connection.query(statement);
      await connection.end();
    };
    const open = async (server: ServerOptions) => {
      const database = await openDatabase({ ...COUNTERS, server: { ...server, migrator } });
      opened.push(database);
      return database;
    };

    beforeAll(async () => {
      order = { ...freshDatabase(servers[name]), user: `order_${id}`, password: PASSWORD };
      user = { ...freshDatabase(servers[name]), user: `user_${id}`, password: PASSWORD };
      const statements = grantsFor({ services: [order, user], migrator });
      await asRoot(...statements, ...statements); // twice: an operator may
    });
    afterAll(async () => {
      for (const database of opened) await database.close();
      const { user: app, password } = servers[name];
      for (const server of [order, user]) await dropDatabase({ ...server, user: app, password });
      await asRoot(...[order, user, migrator].map((login) => `DROP USER '${login.user}'@'%'`));
    });

    it('run a service: the migration user makes the database and its tables, the service’s user does the rest', async () => {
      const database = await open(order);
      const rows = counters(database);
      await database.transaction(async () => {
        await rows.add('a');
        await database.transaction(() => rows.set('a', 2));
        const query = database.manager.createQueryBuilder('counters', 'c');
        await database.forUpdate(query).getMany();
      });
      expect(await rows.valueOf('a')).toBe(2);
      await database.manager.query('DELETE FROM counters');
      await database.ping();
      const again = await open({ ...order, migrate: 'never' });
      expect(await counters(again).ids()).toEqual([]);
    });

    it.each([
      'CREATE TABLE x (id INT)',
      'DROP TABLE counters',
      'ALTER TABLE counters ADD COLUMN x INT',
      'TRUNCATE counters',
    ])('refuse a service’s user %s', async (statement) => {
      const database = await open(order);
      await expect(database.manager.query(statement)).rejects.toThrow(/command denied/);
    });

    it('keep the order service out of the database of users', async () => {
      await open(user);
      const database = await open(order);
      const reading = database.manager.query(`SELECT * FROM \`${user.database}\`.counters`);
      await expect(reading).rejects.toThrow(/denied/);
      await expect(open({ ...user, ...loginOf(order) })).rejects.toThrow('cannot be opened: Access denied');
    });

    it('do not let an underscore stand for any letter', async () => {
      const database = await open(order);
      const lookalike = order.database.replace('_', 'x');
      await expect(database.manager.query(`SELECT * FROM \`${lookalike}\`.counters`)).rejects.toThrow(/denied/);
    });
  });

const loginOf = ({ user, password }: ServerOptions) => ({ user, password });

describe('the statements that grant', () => {
  it('are one user for each service, and one that migrates all', () => {
    const services = ['order', 'user'].map((one) => ({ database: `nakku_${one}`, user: one, password: `o'${one}` }));
    expect(grantsFor({ services, migrator: { user: 'ddl', password: 'p\\' }, from: '10.0.%' })).toEqual([
      "CREATE USER IF NOT EXISTS 'order'@'10.0.%' IDENTIFIED BY 'o''order'",
      "ALTER USER 'order'@'10.0.%' IDENTIFIED BY 'o''order'",
      "CREATE USER IF NOT EXISTS 'user'@'10.0.%' IDENTIFIED BY 'o''user'",
      "ALTER USER 'user'@'10.0.%' IDENTIFIED BY 'o''user'",
      "CREATE USER IF NOT EXISTS 'ddl'@'10.0.%' IDENTIFIED BY 'p\\\\'",
      "ALTER USER 'ddl'@'10.0.%' IDENTIFIED BY 'p\\\\'",
      "GRANT SELECT, INSERT, UPDATE, DELETE ON `nakku\\_order`.* TO 'order'@'10.0.%'",
      "GRANT SELECT, INSERT, UPDATE, DELETE ON `nakku\\_user`.* TO 'user'@'10.0.%'",
      "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON `nakku\\_order`.* TO 'ddl'@'10.0.%'",
      "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON `nakku\\_user`.* TO 'ddl'@'10.0.%'",
    ]);
  });
});
