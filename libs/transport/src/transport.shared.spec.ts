import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@nakku/database';
import {
  availableServers,
  dropPrefix,
  eventually,
  freshPrefix,
  namesWith,
  type OwnServer,
  ownServer,
  requireServers,
  type Servers,
  type SqlServer,
} from '@nakku/testing';
import { Like } from 'typeorm';
import {
  closeDatabases,
  type Databases,
  dataOf,
  type Handle,
  openDatabases,
  type Process,
  processOn,
  type Where,
} from './city.fixture.js';
import { DeadLetter, type Envelope, InboxRow, OutboxRow } from './index.js';

const steps = (length: number) => Array.from({ length }, (_, step) => step);

/** What handlers do here, in the tables: a body may run again when its transaction failed, and only what was committed counts. */
const effectIn = async ({ cart }: Databases, event: Envelope): Promise<void> => {
  const { orderId, step } = dataOf(event);
  await cart.manager.insert(InboxRow, { eventId: newId(), handledAt: `effect ${orderId} ${step}` });
};

/** Whole processes, each with its own connections, on one database server. */
class Copies {
  readonly opened: Databases[] = [];
  readonly processes: Process[] = [];

  constructor(
    private readonly where: Where,
    private readonly env: Record<string, string>,
  ) {}

  async begin(before: Handle = async () => undefined): Promise<Process> {
    const databases = await openDatabases(this.where);
    const cart: Handle = (event) => before(event).then(() => effectIn(databases, event));
    const process = processOn(databases, { cart }, this.env);
    this.opened.push(databases);
    this.processes.push(process);
    await process.start();
    return process;
  }

  get databases(): Databases {
    return this.opened[0]!;
  }

  /** The steps of each key in the order in which they had their effect, in whichever process. */
  async effects(): Promise<Record<string, number[]>> {
    const where = { handledAt: Like('effect %') };
    const rows = await this.databases.cart.manager.find(InboxRow, { where, order: { eventId: 'ASC' } });
    const found: Record<string, number[]> = {};
    for (const { handledAt } of rows) {
      const [, key, step] = handledAt.split(' ');
      (found[key!] ??= []).push(Number(step));
    }
    return found;
  }

  async emptyOutbox(): Promise<void> {
    const empty = async () => (await this.databases.order.manager.count(OutboxRow)) === 0;
    await eventually('an empty outbox', empty, 30_000);
  }

  async end(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.close()));
    await Promise.all(this.opened.map(closeDatabases));
  }
}

const KINDS = availableServers('mysql', 'mariadb').flatMap((sql) => [
  { sql, broker: undefined, way: 'the outbox alone' },
  ...availableServers('kafka').map((broker) => ({ sql, broker, way: 'Kafka' })),
]);

describe.each(KINDS)('two whole processes on one $sql, events by $way', ({ sql, broker }) => {
  let servers: Pick<Servers, 'mysql' | 'mariadb' | 'kafka'>;
  let prefix: string;
  let copies: Copies;

  beforeAll(async () => {
    const wanted = broker ? ([sql, broker] as const) : ([sql] as const);
    servers = (await requireServers(...wanted)) as typeof servers;
  }, 180_000);
  beforeEach(() => {
    prefix = freshPrefix();
    const env = broker ? { ...servers.kafka.env, ...namesWith(prefix) } : {};
    copies = new Copies({ server: servers[sql], prefix }, env);
  });
  afterEach(async () => {
    await copies.end();
    await dropPrefix(prefix, servers[sql], ...(broker ? [servers.kafka] : []));
  });

  it('share the work: every event has its effect once, and each key keeps its order', async () => {
    const both = [await copies.begin(), await copies.begin()];
    const keys = ['p', 'q', 'r', 's', 't'];
    for (const step of steps(20)) await Promise.all(keys.map((key, at) => both[(step + at) % 2]!.publish(key, step)));
    await eventually('all effects', async () => Object.values(await copies.effects()).flat().length >= 100);
    await copies.emptyOutbox();
    expect(await copies.effects()).toEqual(Object.fromEntries(keys.map((key) => [key, steps(20)])));
  });

  it('show each other’s dead letters, and either replays them', async () => {
    let poisoned = true;
    const taste: Handle = async () => {
      if (poisoned) throw new Error('cannot digest');
    };
    const [first, second] = [await copies.begin(taste), await copies.begin(taste)];
    await first.publish('a', 0);
    const lettersOf = async (process: Process) =>
      (await process.transport.operations('cart').deadLetters({ limit: 10 })).items;
    const [letter] = await eventually('the letter', async () => {
      const found = await lettersOf(second);
      return found.length > 0 && found;
    });
    expect(await lettersOf(first)).toEqual([letter]);
    poisoned = false;
    const replays = [first, second].map((process) => process.transport.operations('cart').replay({ id: letter!.id }));
    expect((await Promise.allSettled(replays)).filter(({ status }) => status === 'fulfilled')).not.toHaveLength(0);
    expect(await copies.effects()).toEqual({ a: [0] });
    expect(await lettersOf(second)).toEqual([]);
  });
});

describe('events while their database is away', () => {
  let mysql: SqlServer & OwnServer;
  let copies: Copies;

  beforeAll(async () => (mysql = await ownServer('mysql')), 180_000);
  afterAll(() => mysql.remove());
  afterEach(() => copies.end());

  it('are tried until it is back, which is not counted against them, and nobody takes the other’s over', async () => {
    const env = { EVENT_MAX_TRIES: '2', EVENT_TAKEOVER_MS: '1000' };
    copies = new Copies({ server: mysql, prefix: freshPrefix() }, env);
    const [first, second] = [await copies.begin(), await copies.begin()];
    const acknowledged: Record<string, number[]> = { p: [], q: [], r: [] };
    const publishAll = async (step: number) => {
      const publish = async (key: string, at: number) => {
        await ((step + at) % 2 ? first : second).publish(key, step);
        acknowledged[key]!.push(step);
      };
      // What was not acknowledged may be there all the same, so nothing is published again.
      await Promise.allSettled(Object.keys(acknowledged).map(publish));
      await sleep(20);
    };
    for (const step of steps(20)) await publishAll(step);
    const away = mysql
      .stop('SIGKILL')
      .then(() => sleep(3000))
      .then(() => mysql.start());
    let step = 20;
    for (let back = false; !back; step++) {
      await publishAll(step);
      back = await Promise.race([away.then(() => true), sleep(20).then(() => false)]);
    }
    for (const more of steps(20)) await publishAll(step + more);
    await copies.emptyOutbox();
    expect(await copies.databases.cart.manager.count(DeadLetter)).toBe(0);
    for (const [key, found] of Object.entries(await copies.effects())) {
      expect(found).toEqual([...new Set(found)].sort((x, y) => x - y));
      expect(found).toEqual(expect.arrayContaining(acknowledged[key]!));
      expect(found.length).toBeGreaterThan(30);
    }
  });
});
