import { setTimeout as sleep } from 'node:timers/promises';
import { describeWith, eventually, namesWith, ownServer } from '@nakku/testing';
import { Fleet, type Group } from '../processes/fleet.js';
import { Books } from './books.js';
import { OrderStream, UNHURRIED_MS } from './stream.js';

const CLIENTS = 4;
const OUTAGE_MS = 20_000;
const START_MS = 180_000;

/** Two copies of what takes orders, and the rest in as few processes as leave everything remote to everything else. */
const GROUPS: readonly Group[] = [
  { services: ['gateway'] },
  { services: ['order'], copies: 2 },
  { services: ['inventory'], copies: 2 },
  { services: ['user', 'product', 'location'] },
  { services: ['cart', 'payment'] },
  { services: ['delivery', 'analytics'] },
  { services: ['notification'] },
];

jest.setTimeout(480_000);

describeWith(['mysql', 'kafka', 'redis'], 'many processes, while', () => {
  let mysql: Awaited<ReturnType<typeof ownServer<'mysql'>>>;
  let kafka: Awaited<ReturnType<typeof ownServer<'kafka'>>>;
  let redis: Awaited<ReturnType<typeof ownServer<'redis'>>>;
  let fleet: Fleet | undefined;

  beforeAll(async () => {
    [mysql, kafka, redis] = await Promise.all([ownServer('mysql'), ownServer('kafka'), ownServer('redis')]);
    const env = { ...mysql.env, ...kafka.env, ...redis.env, ...namesWith(mysql.prefix), LOG_LEVEL: 'warn' };
    fleet = await (await Fleet.of(GROUPS, env)).start();
  }, START_MS);

  afterAll(async () => {
    await fleet?.stop();
    await Promise.all([mysql, kafka, redis].map((server) => server?.remove()));
  }, START_MS);

  /** Orders go on while something happens; afterwards the books must balance, and nobody has seen worse than a 503 that says when to come back. */
  async function during(happens: (stream: OrderStream) => Promise<void>): Promise<OrderStream> {
    const books = await Books.open(fleet!);
    const stream = await new OrderStream(fleet!, books.productIds).start(CLIENTS, UNHURRIED_MS);
    try {
      await stream.more(CLIENTS);
      await happens(stream);
      await stream.more(CLIENTS);
    } finally {
      await stream.stop();
    }
    expect(stream.wrong).toEqual([]);
    expect(stream.broken).toEqual([]);
    await books.balance(stream.acknowledged);
    return stream;
  }

  it('the broker is away for 20 seconds, take orders all the time and lose none', async () => {
    await during(async (stream) => {
      await kafka.stop('SIGKILL');
      const before = stream.acknowledged.length;
      await sleep(OUTAGE_MS);
      expect(stream.acknowledged.length).toBeGreaterThan(before);
      await kafka.start();
    });
  });

  it('the database is killed and started again, lose nothing that was acknowledged', async () => {
    await during(async () => {
      await mysql.stop('SIGKILL');
      await sleep(2000);
      await mysql.start();
    });
  });

  it('Redis is killed, and later is back empty, stay right', async () => {
    await during(async (stream) => {
      await redis.stop('SIGKILL');
      await stream.more(3 * CLIENTS);
      await redis.start();
    });
  });

  it('one copy of order and one of inventory are killed, lose and double nothing', async () => {
    await during(async (stream) => {
      for (const service of ['order', 'inventory', 'order', 'inventory']) {
        const [victim] = fleet!.hosting(service);
        await victim!.end('SIGKILL');
        await stream.more(CLIENTS);
        await victim!.start();
      }
    });
  });

  it('the notification service is down, sell on; what was to be told is told when it is back', async () => {
    const [notification] = fleet!.hosting('notification');
    await during(async (stream) => {
      await notification!.end('SIGKILL');
      await stream.more(2 * CLIENTS);
      const { id, token } = stream.acknowledged.at(-1)!;
      await eventually('the end of the saga', async () => (await stream.shop.order(token, id)).status !== 'pending');
      expect((await fleet!.http.get('/health')).status).toBe(200);
      await notification!.start();
    });
  });

  it('each service is restarted in turn, answer or say when to come back', async () => {
    await during(async (stream) => {
      for (const { services } of GROUPS.filter((group) => !group.services.includes('gateway'))) {
        for (const server of fleet!.hosting(services[0]!)) {
          expect({ services, code: await server.end('SIGTERM') }).toEqual({ services, code: 0 });
          await server.start();
        }
        await stream.more(1);
      }
    });
  });
});
