import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@nakku/database';
import { availableServers, dropPrefix, eventually, freshPrefix, namesWith, requireServers } from '@nakku/testing';
import {
  closeDatabases,
  type Databases,
  dataOf,
  type Handle,
  openDatabases,
  type Process,
  processOn,
} from './city.fixture.js';
import { InboxRow, OutboxRow } from './index.js';

const TRANSPORTS = ['in-process', ...availableServers('kafka')] as const;

/** What both transports promise, told once. */
describe.each(TRANSPORTS)('events by the %s transport', (kind) => {
  let prefix: string;
  let dataDir: string;
  let databases: Databases;
  let env: Record<string, string>;
  let processes: Process[];
  /** `<domain> <key><step>` in the order of effects. */
  let seen: string[];

  const record =
    (domain: string): Handle =>
    async (event) => {
      const { orderId, step } = dataOf(event);
      seen.push(`${domain} ${orderId}${step}`);
    };
  const begin = async (handlers: Parameters<typeof processOn>[1], more: Record<string, string> = {}) => {
    const process = processOn(databases, handlers, { ...env, ...more });
    processes.push(process);
    await process.start();
    return process;
  };
  const effects = (wanted: number) => eventually(`${wanted} effects`, async () => seen.length >= wanted);
  const emptyOutbox = () =>
    eventually('an empty outbox', async () => (await databases.order.manager.count(OutboxRow)) === 0);
  const stepsOf = (key: string) =>
    seen.filter((one) => one.startsWith(`cart ${key}`)).map((one) => Number(one.slice(6)));

  beforeAll(async () => {
    env = kind === 'kafka' ? (await requireServers('kafka')).kafka.env : {};
  }, 180_000);
  beforeEach(async () => {
    prefix = freshPrefix();
    if (kind === 'kafka') Object.assign(env, namesWith(prefix));
    dataDir = mkdtempSync(join(tmpdir(), 'nakku-test-'));
    databases = await openDatabases({ dataDir });
    processes = [];
    seen = [];
  });
  afterEach(async () => {
    for (const process of processes) await process.close();
    await closeDatabases(databases);
    rmSync(dataDir, { recursive: true, force: true });
    if (kind === 'kafka') await dropPrefix(prefix, (await requireServers('kafka')).kafka);
  });

  it('reach every listening domain when they were committed, once', async () => {
    const process = await begin({ cart: record('cart'), payment: record('payment') });
    await process.publish('a');
    await eventually('both commits', async () => {
      const rows = await Promise.all([databases.cart, databases.payment].map(({ manager }) => manager.count(InboxRow)));
      return rows.every((count) => count > 0);
    });
    await emptyOutbox();
    expect(seen.sort()).toEqual(['cart a0', 'payment a0']);
    expect(await databases.cart.manager.count(InboxRow)).toBe(1);
  });

  it('reach nobody when they were rolled back', async () => {
    const process = await begin({ cart: record('cart') });
    const failing = databases.order.transaction(async () => {
      await process.publish('a');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await process.publish('b');
    await effects(1);
    expect(seen).toEqual(['cart b0']);
  });

  it('have their effect once though they are delivered twice', async () => {
    const process = await begin({ cart: record('cart') });
    const row = await databases.order.transaction(async () => {
      await process.publish('a');
      return databases.order.manager.findOneByOrFail(OutboxRow, { key: 'a' });
    });
    await effects(1);
    await emptyOutbox();
    await databases.order.manager.insert(OutboxRow, row); // as if it had not been taken out: the relay finds it and sends it again
    await emptyOutbox();
    await process.publish('a', 1);
    await effects(2);
    expect(seen).toEqual(['cart a0', 'cart a1']);
  });

  it('keep the order of one key while another key is being retried', async () => {
    let failures = 2;
    const cart: Handle = async (event) => {
      if (event.subject === 'slow' && dataOf(event).step === 0 && failures-- > 0) throw new Error('not yet');
      await record('cart')(event);
    };
    const process = await begin({ cart }, { EVENT_MAX_TRIES: '5', EVENT_RETRY_MS: '100' });
    for (const step of [0, 1, 2]) await process.publish('slow', step);
    await process.publish('fast', 0);
    await effects(4);
    expect(seen).toEqual(['cart fast0', 'cart slow0', 'cart slow1', 'cart slow2']);
  });

  it('are put aside after their tries, hold up nobody, and are replayed when asked, once', async () => {
    let poisoned = true;
    const cart: Handle = async (event) => {
      if (event.subject === 'poison' && poisoned) throw new Error('cannot digest');
      await record('cart')(event);
    };
    const process = await begin({ cart });
    await process.publish('poison');
    await process.publish('good');
    const operations = process.transport.operations('cart');
    const letters = async () => (await operations.deadLetters({ limit: 10 })).items;
    const [letter] = await eventually('the dead letter', async () =>
      (await letters()).length > 0 ? letters() : false,
    );
    expect(letter).toMatchObject({
      domain: 'cart',
      type: 'order.created',
      key: 'poison',
      tries: 3,
      error: 'Error: cannot digest',
    });
    await effects(1);
    const { id } = letter!;
    await expect(operations.replay({ id })).rejects.toMatchObject({ code: 'REPLAY_FAILED' });
    poisoned = false;
    await Promise.allSettled([operations.replay({ id }), operations.replay({ id })]);
    expect(seen).toEqual(['cart good0', 'cart poison0']);
    expect(await letters()).toEqual([]);
    await expect(operations.replay({ id })).rejects.toMatchObject({ code: 'DEAD_LETTER_NOT_FOUND' });
  });

  it('take back the effect of a failed try together with its inbox row', async () => {
    let tries = 0;
    const cart: Handle = async () => {
      await databases.cart.manager.insert(InboxRow, { eventId: newId(), handledAt: 'effect' });
      if (++tries < 3) throw new Error('not yet');
    };
    const process = await begin({ cart }, { EVENT_MAX_TRIES: '5' });
    await process.publish('a');
    await eventually('the effect', () => databases.cart.manager.existsBy(InboxRow, { handledAt: 'effect' }));
    await emptyOutbox();
    expect(await databases.cart.manager.countBy(InboxRow, { handledAt: 'effect' })).toBe(1);
  });

  it('arrive after a restart when an earlier run has left them in the outbox, in order, but for those that were handled', async () => {
    const first = processOn(databases, { cart: record('cart') }, env);
    for (const step of [0, 1, 2]) await first.publish('a', step);
    const [row] = await databases.order.manager.find(OutboxRow, { order: { seq: 'ASC' } });
    await databases.cart.manager.insert(InboxRow, { eventId: row!.id, handledAt: '2026-01-01T00:00:00.000Z' });
    await begin({ cart: record('cart') });
    await effects(2);
    expect(seen).toEqual(['cart a1', 'cart a2']);
  });

  it('are neither lost nor doubled nor mixed up when the process stops in their midst', async () => {
    const failed = new Set<string>();
    const cart: Handle = async (event) => {
      if (dataOf(event).step % 4 === 1 && !failed.has(event.id)) {
        failed.add(event.id);
        throw new Error('not yet');
      }
      await record('cart')(event);
    };
    const first = await begin({ cart }, { EVENT_RETRY_MS: '300' });
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    for (let step = 0; step < 20; step++) await Promise.all(keys.map((key) => first.publish(key, step)));
    await effects(8);
    await first.close();
    expect(seen.length).toBeLessThan(160);
    await begin({ cart });
    await effects(160);
    await emptyOutbox();
    for (const key of keys) expect(stepsOf(key)).toEqual(Array.from({ length: 20 }, (_, step) => step));
  });

  it('keep the order of each key though thousands come faster than they are handled', async () => {
    const process = await begin({ cart: record('cart') });
    for (let step = 0; step < 30; step++)
      await Promise.all(
        Array.from({ length: 100 }, (_, key) => process.publish(`${String(key).padStart(2, '0')}-`, step)),
      );
    await effects(3000);
    const last = new Map<string, number>();
    for (const one of seen) {
      const [key, step] = one.slice(5).split('-');
      expect(Number(step)).toBe((last.get(key!) ?? -1) + 1);
      last.set(key!, Number(step));
    }
    expect(last.size).toBe(100);
  });
});
