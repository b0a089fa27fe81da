import { currentContext, newContext, withContext } from '@nakku/observability';
import { availableServers, eventually, type OwnServer, ownServer, type SqlServer } from '@nakku/testing';
import { createConnection } from 'mysql2/promise';
import { type Proxy, proxyTo } from './proxy.fixture.js';
import { type Database } from './index.js';
import { Counter, counters, freshDatabase, openCounters } from './server.fixture.js';

const START_MS = 120_000;
const STOP = { mysql: 'STOP REPLICA SQL_THREAD', mariadb: 'STOP SLAVE SQL_THREAD' };
const GO_ON = { mysql: 'START REPLICA SQL_THREAD', mariadb: 'START SLAVE SQL_THREAD' };

for (const name of availableServers('mysqlRepl', 'mariadbRepl'))
  describe(`the replicas of ${name}`, () => {
    let server: SqlServer & OwnServer;
    let database: Database;
    let rows: ReturnType<typeof counters>;
    let doors: [Proxy, Proxy];
    let primaryPort: number;

    beforeAll(async () => {
      server = await ownServer(name);
      const [host, port] = server.replicas[0]!.split(':');
      doors = [await proxyTo({ host: host!, port: Number(port) }), await proxyTo({ host: host!, port: Number(port) })];
      primaryPort = server.port;
      database = await openCounters({ ...freshDatabase(server), replicas: doors.map(({ address }) => address) });
      rows = counters(database);
    }, START_MS);
    afterAll(async () => {
      await database?.close();
      for (const door of doors ?? []) door.close();
      await server?.remove();
    });

    const user = (id: string) => newContext({ reads: 'replica', actor: { id, roles: ['customer'], stores: [] } });
    const as = <T>(id: string, work: () => Promise<T>) => withContext(user(id), work);
    const port = async () => ((await database.manager.query('SELECT @@port AS port')) as { port: number }[])[0]!.port;
    const isReplica = async (id = 'somebody') => (await as(id, port)) !== primaryPort;
    const isPrimary = async (id = 'somebody') => !(await isReplica(id));
    /** All users, so both ways to the replica. */
    const USERS = Array.from({ length: 20 }, (_, i) => `user-${i}`);
    const all = async (what: (id: string) => Promise<boolean>) => (await Promise.all(USERS.map(what))).every(Boolean);
    const onReplica = async (sql: string) => {
      const connection = await createConnection({ ...server.replicaRoot });
      await connection.query(sql);
      await connection.end();
    };

    beforeEach(() => eventually('the replicas are well', () => all(isReplica)));

    it('answer reads of those who may read from one, and nothing else', async () => {
      expect(await isReplica()).toBe(true);
      expect(await port()).toBe(primaryPort);
      expect(await withContext(newContext(), port)).toBe(primaryPort);
      expect(await as('somebody', () => database.transaction(port))).toBe(primaryPort);
    });

    it('are not written', async () => {
      await as('writer', () => rows.add('by a reader'));
      expect(await rows.valueOf('by a reader')).toBe(0);
    });

    it('are not asked by work that has written', async () => {
      await as('writer', async () => {
        expect(await port()).not.toBe(primaryPort);
        await database.transaction(() => rows.add('mine'));
        expect(await port()).toBe(primaryPort);
        expect(await rows.valueOf('mine')).toBe(0);
        const called = withContext({ ...currentContext() }, port); // as a call to another domain does
        expect(await called).toBe(primaryPort);
      });
    });

    it('are one to each user, and both to all of them', async () => {
      const connectionOf = async () =>
        ((await database.manager.query('SELECT CONNECTION_ID() AS id')) as { id: number }[])[0]!.id;
      const seen = new Map<string, Set<number>>();
      for (let round = 0; round < 3; round++)
        for (const id of USERS) seen.set(id, (seen.get(id) ?? new Set()).add(await as(id, connectionOf)));
      expect([...seen.values()].map(({ size }) => size)).toEqual(USERS.map(() => 1));
      expect(new Set([...seen.values()].flatMap((ids) => [...ids])).size).toBe(2);
    });

    it('are asked no more while they are behind, and again when they have caught up', async () => {
      await onReplica(STOP[server.engine]);
      await rows.add('too new');
      await eventually('both are out', () => all(isPrimary));
      const behind = database.replicaStates();
      expect(behind.map(({ used, lagMs = 0 }) => used || lagMs < 2000)).toEqual([false, false]);
      expect(behind.map(({ address }) => address)).toEqual(
        doors.map(({ address: { host, port } }) => `${host}:${port}`),
      );
      expect(await as('reader', () => rows.valueOf('too new'))).toBe(0);
      await onReplica(GO_ON[server.engine]);
      await eventually('both are back', () => all(isReplica));
      expect(await as('reader', () => rows.valueOf('too new'))).toBe(0);
    });

    it('do not hide what they have not got yet', async () => {
      await onReplica(STOP[server.engine]);
      await rows.add('on its way');
      const found = await as('reader', () => database.manager.findOneBy(Counter, { id: 'on its way' }));
      await onReplica(GO_ON[server.engine]);
      expect(found).toEqual({ id: 'on its way', value: 0 });
    });

    it.each(['SIGKILL', 'SIGSTOP'] as const)(
      'may die (%s) without failing a single read, and come back',
      async (signal) => {
        await rows.add(signal);
        await eventually('the replica has it', async () => (await as('reader', () => rows.valueOf(signal))) === 0);
        const answers: unknown[] = [];
        let reading = true;
        const reader = async (id: string) => {
          while (reading) answers.push(await as(id, () => rows.valueOf(signal)).catch((error: unknown) => error));
        };
        const readers = USERS.slice(0, 8).map(reader);
        const replica = server.nodes.find((node) => node.name === 'replica')!;
        await replica.stop(signal);
        await eventually('the primary answers', () => all(isPrimary));
        reading = false;
        await Promise.all(readers);
        expect(new Set(answers)).toEqual(new Set([0]));
        await replica.start();
        await eventually('both are back', () => all(isReplica));
      },
    );

    it('send those for whom they have no connection free to the primary, and stay in', async () => {
      const slow = async () => {
        const [row] = await database.manager.query<{ port: number }[]>('SELECT @@port AS port, SLEEP(1) AS slept');
        return row!.port;
      };
      const ports = await as('somebody', () => Promise.all(Array.from({ length: 12 }, slow)));
      expect(ports.filter((one) => one === primaryPort)).toHaveLength(2);
      expect(database.stats().replicas).toEqual({ all: 2, well: 2 });
    });

    it('are asked in another’s place when one is lost, and its users return to it', async () => {
      doors[0].down();
      await eventually('one has everybody', async () => doors[0].count() === 0 && all(isReplica));
      expect(database.replicaStates()).toMatchObject([
        { used: false, lagMs: undefined },
        { used: true, lagMs: expect.any(Number) },
      ]);
      doors[0].up();
      await eventually('the other is back', async () => (await all(isReplica)) && doors[0].count() > 1);
    });

    it('answer on while the primary is gone', async () => {
      await server.nodes.find((node) => node.name === 'primary')!.stop('SIGKILL');
      await eventually('the primary is missed', () =>
        rows.ids().then(
          () => false,
          () => true,
        ),
      );
      expect(await as('reader', () => database.manager.count(Counter))).toBeGreaterThan(0);
      await eventually('a replica’s word is taken', () =>
        as('reader', () => database.manager.findBy(Counter, { id: 'nobody' })).then(
          (found) => found.length === 0,
          () => false,
        ),
      );
      await server.nodes.find((node) => node.name === 'primary')!.start();
      await eventually('the primary is back', () =>
        rows.ids().then(
          () => true,
          () => false,
        ),
      );
    });
  });
