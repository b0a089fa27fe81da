import type { Database } from '@nakku/database';
import { availableServers, dropPrefix, eventually, freshPrefix, requireServers, type SqlServer } from '@nakku/testing';
import { openStore, orderCreated } from './city.fixture.js';
import { type Envelope, EventBus, OutboxRow, Relay } from './index.js';

const TAKEOVER_MS = 1000;
const SERVERS = availableServers('mysql', 'mariadb');

/** Relays of one outbox in several processes. Each process has its own connections. */
describe.each(SERVERS)('relays that share an outbox on %s', (kind) => {
  let server: SqlServer;
  let prefix: string;
  let opened: Database[];
  let relays: Relay[];
  /** `<key><step>` in the order in which they were sent, by whomever. */
  let sent: string[];

  const nameOf = ({ subject, data }: Envelope) => `${subject}${(data as { step: number }).step}`;
  const send = async (envelope: Envelope) => void sent.push(nameOf(envelope));
  const never = () => new Promise<never>(() => undefined);
  /** A process that publishes; it has to be started. */
  async function process() {
    const database = await openStore('order', { server, prefix });
    const relay = new Relay(database);
    const bus = new EventBus(database, relay);
    opened.push(database);
    relays.push(relay);
    const put = (key: string, step: number) => bus.publish(orderCreated({ orderId: key, step }));
    const publish = (key: string, step: number) => database.transaction(() => put(key, step));
    return { database, relay, put, publish, start: (deliver = send) => relay.start(deliver, TAKEOVER_MS) };
  }
  const waiting = (database: Database) => database.manager.count(OutboxRow);
  const emptied = (database: Database) => eventually('an empty outbox', async () => (await waiting(database)) === 0);
  const stepsOf = (key: string) =>
    sent.filter((one) => one.startsWith(key)).map((one) => Number(one.slice(key.length)));
  const steps = (length: number) => Array.from({ length }, (_, step) => step);

  beforeAll(async () => (server = (await requireServers(kind))[kind]), 180_000);
  beforeEach(() => {
    prefix = freshPrefix();
    opened = [];
    relays = [];
    sent = [];
  });
  afterEach(async () => {
    await Promise.all(relays.map((relay) => relay.stop(0)));
    await Promise.all(opened.map((database) => database.close()));
    await dropPrefix(prefix, server);
  });

  it('send each event once, by the process that wrote it, in the order of its key across processes', async () => {
    const [a, b] = [await process(), await process()];
    const byA: string[] = [];
    await a.start(async (envelope) => {
      byA.push(nameOf(envelope));
      await send(envelope);
    });
    await b.start();
    const keys = ['p', 'q', 'r', 's'];
    // One after the other, as a saga goes from copy to copy: what comes second knows of what came first.
    for (const step of steps(30))
      await Promise.all(keys.map((key, at) => ((step + at) % 2 ? a : b).publish(key, step)));
    await eventually('all of them', async () => sent.length >= 120);
    await emptied(a.database);
    for (const key of keys) expect(stepsOf(key)).toEqual(steps(30));
    expect(byA).toHaveLength(60);
  });

  it('keep the order of a key while another process cannot send, and go on with other keys', async () => {
    const [a, b] = [await process(), await process()];
    let broker!: () => void;
    const back = new Promise<void>((resolve) => (broker = resolve));
    await a.start((envelope) => back.then(() => send(envelope)));
    await b.start();
    await a.publish('k', 0);
    await b.publish('k', 1);
    await b.publish('other', 0);
    await eventually('the other key', async () => sent.length === 1);
    // It lives, so nobody takes anything over, however long it takes.
    await new Promise((resolve) => setTimeout(resolve, 3 * TAKEOVER_MS));
    expect(sent).toEqual(['other0']);
    broker();
    await eventually('the rest', async () => sent.length === 3);
    expect(sent).toEqual(['other0', 'k0', 'k1']);
  });

  it('take over what a process that died has left, in order and without a gap', async () => {
    const [a, b] = [await process(), await process()];
    await b.start();
    await a.start(never);
    await a.publish('k', 0);
    await b.publish('k', 1);
    for (const step of steps(20)) await a.publish('l', step);
    const diedAt = performance.now();
    await a.database.close(); // whoever cannot reach the table any more is dead to the others
    await eventually('the takeover', async () => sent.length >= 22);
    expect(performance.now() - diedAt).toBeGreaterThan(TAKEOVER_MS / 2);
    expect(sent.slice(0, 2)).toEqual(['k0', 'k1']);
    expect(stepsOf('l')).toEqual(steps(20));
    await emptied(b.database);
    const left = () => b.database.manager.query<{ owner: string }[]>('SELECT owner FROM outbox_relays');
    await eventually('the death certificate', async () => (await left()).length === 1);
    expect((await left())[0]!.owner).toBe(b.relay.owner);
  });

  it('share a long backlog of several dead ones, and send nothing twice', async () => {
    const dead = [await process(), await process()];
    for (const { database, put } of dead)
      await database.transaction(async () => {
        for (const step of steps(1100)) await put(`k${step % 50}-`, step);
      });
    const alive = [await process(), await process(), await process()];
    await Promise.all(alive.map(({ start }) => start()));
    await eventually('all of them', async () => sent.length >= 2200);
    await emptied(alive[0]!.database);
    expect(sent).toHaveLength(2200);
    // Of each key, what the first of the dead has written came before what the second has.
    for (const key of steps(50)) {
      const written = steps(22).map((round) => round * 50 + key);
      expect(stepsOf(`k${key}-`)).toEqual([...written, ...written]);
    }
  });

  it('take over at once what a process that stopped in good order could not send', async () => {
    const [a, b] = [await process(), await process()];
    await a.start(never);
    await a.publish('k', 0);
    await a.relay.stop(0);
    await b.start();
    await eventually('the event', async () => sent.length === 1, TAKEOVER_MS);
    await emptied(b.database);
  });

  it('find what was committed without a word to the relay', async () => {
    const a = await process();
    await a.start();
    await a.publish('k', 0);
    await emptied(a.database);
    const row = { id: 'id', seq: 1, type: 'order.created', key: 'k', owner: a.relay.owner, createdAt: '' };
    const envelope = JSON.stringify({ id: 'id', subject: 'k', data: { step: 1 } });
    await a.database.manager.insert(OutboxRow, { ...row, envelope });
    await eventually('the event', async () => sent.length === 2);
    await emptied(a.database);
  });
});
