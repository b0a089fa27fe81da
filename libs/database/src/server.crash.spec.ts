import { availableServers, eventually, type OwnServer, ownServer, type SqlServer } from '@nakku/testing';
import { type Database } from './index.js';
import { Counter, counters, freshDatabase, openCounters, SERVERS } from './server.fixture.js';

const START_MS = 120_000;
const CLIENTS = 16;

for (const name of availableServers(...SERVERS))
  describe(`a ${name} server that is killed and comes back`, () => {
    let server: SqlServer & OwnServer;
    let database: Database;
    let rows: ReturnType<typeof counters>;

    beforeAll(async () => {
      server = await ownServer(name);
      database = await openCounters(freshDatabase(server));
      rows = counters(database);
    }, START_MS);
    afterAll(async () => {
      await database?.close();
      await server?.remove();
    });

    /** Clients that write two rows and count each of their transactions, until they are told to stop. */
    const work = () => {
      const acknowledged: string[] = [];
      const errors: unknown[] = [];
      let going = true;
      const client = async (c: number) => {
        for (let i = 0; going; i++) {
          const id = `${c}-${i}`;
          const write = database.transaction(async () => {
            await rows.add(id);
            await rows.set('count', () => 'value + 1');
            await rows.add(`${id}-pair`);
          });
          await write.then(
            () => acknowledged.push(id),
            (error: unknown) => errors.push(error),
          );
          if (errors.length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      const clients = Promise.all(Array.from({ length: CLIENTS }, (_, c) => client(c)));
      const stop = async () => {
        going = false;
        await clients;
      };
      return { acknowledged, errors, stop };
    };

    it('has all that was acknowledged, nothing by half, and its callers have only been told to come again', async () => {
      await rows.add('count');
      const { acknowledged, errors, stop } = work();
      await eventually('work is under way', async () => acknowledged.length > 200);
      await server.stop('SIGKILL');
      await eventually('it is missed', async () => errors.length > 0);
      const before = acknowledged.length;
      await server.start();
      await eventually('work goes on by itself', async () => acknowledged.length > before + 200);
      await stop();

      const kept = new Set((await database.manager.find(Counter)).map(({ id }) => id));
      expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
      const ids = [...kept].filter((id) => /^\d+-\d+$/.test(id));
      expect(ids.filter((id) => !kept.has(`${id}-pair`))).toEqual([]);
      expect(kept.size).toBe(1 + 2 * ids.length);
      expect(await rows.valueOf('count')).toBe(ids.length);
      expect(new Set(errors.map((error) => (error as { code?: string }).code))).toEqual(
        new Set(['DATABASE_UNAVAILABLE']),
      );
    });

    it('is said to be down meanwhile, and to be up again', async () => {
      await database.ping();
      await server.stop('SIGKILL');
      await eventually('it is missed', () =>
        database.ping().then(
          () => false,
          () => true,
        ),
      );
      await expect(database.ping()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
      await server.start();
      await eventually('it is back', () =>
        database.ping().then(
          () => true,
          () => false,
        ),
      );
    });
  });
