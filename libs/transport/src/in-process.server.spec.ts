import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, newId, openDatabase } from '@nakku/database';
import { Metrics } from '@nakku/observability';
import { z } from 'zod';
import {
  DeadLetter,
  type Envelope,
  event,
  EventBus,
  EventOperations,
  InboxRow,
  InProcessServer,
  Listener,
  OutboxRow,
  Relay,
  Transport,
  Transport1700000000001,
} from './index.js';

const orderCreated = event({
  type: 'order.created',
  version: 1,
  key: 'orderId',
  payload: z.object({ orderId: z.string(), step: z.int() }),
});

@Listener('cart')
class CartEvents {}
@Listener('payment')
class PaymentEvents {}

type Handle = (event: Envelope) => Promise<void>;

describe('the in-process transport', () => {
  let dataDir: string;
  const stops: (() => Promise<void>)[] = [];

  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'nakku-test-'))));
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** Order publishes; cart and payment listen with these handlers. */
  async function city(
    handlers: { cart?: Handle; payment?: Handle },
    policy = { EVENT_MAX_TRIES: 3, EVENT_RETRY_MS: 5 },
  ) {
    const transport = new Transport(policy, new Metrics());
    const databases: Record<string, Database> = {};
    const relays: Record<string, Relay> = {};
    for (const name of ['order', 'cart', 'payment']) {
      const database = await openDatabase({
        name,
        dataDir,
        entities: [OutboxRow, InboxRow, DeadLetter],
        migrations: [Transport1700000000001],
      });
      const relay = new Relay(database);
      databases[name] = database;
      relays[name] = relay;
      const operations = new EventOperations(database, relay, (type) => transport.consumer(name, type));
      transport.join({ database, relay, operations });
    }
    const server = new InProcessServer(transport);
    const listener = { cart: CartEvents, payment: PaymentEvents };
    for (const name of ['cart', 'payment'] as const) {
      const handler = handlers[name];
      if (handler)
        server.addHandler('order.created', handler as never, true, {
          definition: orderCreated,
          listener: listener[name],
        });
    }
    const bus = new EventBus(databases.order!, relays.order!);
    const start = () =>
      new Promise<void>((resolve, reject) => server.listen((error) => (error ? reject(error) : resolve())));
    const stop = async () => {
      await server.close();
      for (const database of Object.values(databases)) await database.close();
    };
    const publish = (orderId: string, step = 0) =>
      databases.order!.transaction(() => bus.publish(orderCreated({ orderId, step })));
    const settled = async () => {
      for (let i = 0; i < 400; i++) {
        if ((await databases.order!.manager.count(OutboxRow)) === 0) return;
        await sleep(10);
      }
      throw new Error('events are still in the outbox');
    };
    stops.push(stop);
    return { databases, server, transport, start, publish, settled, bus, stop };
  }

  it('delivers what was committed to every listening domain, once', async () => {
    const seen: string[] = [];
    const t = await city({
      cart: async (e) => void seen.push(`cart ${e.subject}`),
      payment: async (e) => void seen.push(`payment ${e.subject}`),
    });
    await t.start();
    await t.publish('a');
    await t.settled();
    expect(seen.sort()).toEqual(['cart a', 'payment a']);
    expect(await t.databases.cart!.manager.count(InboxRow)).toBe(1);
  });

  it('delivers nothing of a transaction that was rolled back', async () => {
    const seen: string[] = [];
    const t = await city({ cart: async (e) => void seen.push(e.subject) });
    await t.start();
    const failing = t.databases.order!.transaction(async () => {
      await t.bus.publish(orderCreated({ orderId: 'a', step: 0 }));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await t.publish('b');
    await t.settled();
    expect(seen).toEqual(['b']);
  });

  it('keeps the order of one key while another key is being retried', async () => {
    const seen: string[] = [];
    let failures = 2;
    const cart: Handle = async (e) => {
      const { orderId, step } = e.data as { orderId: string; step: number };
      if (orderId === 'slow' && step === 0 && failures-- > 0) throw new Error('not yet');
      seen.push(`${orderId}${step}`);
    };
    const t = await city({ cart }, { EVENT_MAX_TRIES: 5, EVENT_RETRY_MS: 60 });
    await t.start();
    for (const step of [0, 1, 2]) await t.publish('slow', step);
    await t.publish('fast', 0);
    await t.settled();
    expect(seen[0]).toBe('fast0');
    expect(seen.slice(1)).toEqual(['slow0', 'slow1', 'slow2']);
  });

  it('puts a poison message aside after its tries, goes on, and replays it when asked', async () => {
    let poisoned = true;
    const seen: string[] = [];
    const cart: Handle = async (e) => {
      if (e.subject === 'poison' && poisoned) throw new Error('cannot digest');
      seen.push(e.subject);
    };
    const t = await city({ cart });
    await t.start();
    await t.publish('poison');
    await t.publish('good');
    await t.settled();
    const operations = t.transport.operations('cart');
    const { items } = await operations.deadLetters({ limit: 10 });
    expect(items).toMatchObject([
      { domain: 'cart', type: 'order.created', key: 'poison', tries: 3, error: 'Error: cannot digest' },
    ]);
    await expect(operations.replay({ id: items[0]!.id })).rejects.toMatchObject({ code: 'REPLAY_FAILED' });
    poisoned = false;
    await operations.replay({ id: items[0]!.id });
    expect(seen).toEqual(['good', 'poison']);
    expect((await operations.deadLetters({ limit: 10 })).items).toEqual([]);
    await expect(operations.replay({ id: items[0]!.id })).rejects.toMatchObject({ code: 'DEAD_LETTER_NOT_FOUND' });
  });

  it('rolls the effect of a failed try back together with its inbox row', async () => {
    let tries = 0;
    const databases: { cart?: Database } = {};
    const cart: Handle = async () => {
      await databases.cart!.manager.insert(InboxRow, { eventId: newId(), handledAt: 'effect' });
      if (++tries < 3) throw new Error('not yet');
    };
    const t = await city({ cart }, { EVENT_MAX_TRIES: 5, EVENT_RETRY_MS: 5 });
    databases.cart = t.databases.cart;
    await t.start();
    await t.publish('a');
    await t.settled();
    expect(await t.databases.cart!.manager.countBy(InboxRow, { handledAt: 'effect' })).toBe(1);
  });

  it('delivers after a restart what an earlier run has left in the outbox, in order, and drops what was handled already', async () => {
    const seen: number[] = [];
    const cart: Handle = async (e) => void seen.push((e.data as { step: number }).step);
    const first = await city({ cart });
    for (const step of [0, 1, 2]) await first.publish('a', step);
    const rows = await first.databases.order!.manager.find(OutboxRow);
    await first.databases.cart!.manager.insert(InboxRow, {
      eventId: rows[0]!.id,
      handledAt: '2026-01-01T00:00:00.000Z',
    });
    await first.stop();
    stops.length = 0;
    const second = await city({ cart });
    await second.start();
    await second.settled();
    expect(seen).toEqual([1, 2]);
  });

  it('keeps each key in order through thousands of events that come faster than they are handled', async () => {
    const last = new Map<string, number>();
    let wrong = 0;
    const cart: Handle = async (e) => {
      const { orderId, step } = e.data as { orderId: string; step: number };
      if (step !== (last.get(orderId) ?? -1) + 1) wrong++;
      last.set(orderId, step);
    };
    const t = await city({ cart });
    await t.start();
    for (let step = 0; step < 60; step++)
      await Promise.all(Array.from({ length: 100 }, (_, key) => t.publish(`k${key}`, step)));
    await t.settled();
    expect(wrong).toBe(0);
    expect([...last.values()].every((step) => step === 59)).toBe(true);
  });

  it('refuses an event outside a transaction, or of another domain', async () => {
    const t = await city({});
    await expect(t.bus.publish(orderCreated({ orderId: 'a', step: 0 }))).rejects.toThrow('outside a transaction');
    const cartCleared = event({
      type: 'cart.cleared',
      version: 1,
      key: 'cartId',
      payload: z.object({ cartId: z.string() }),
    });
    await expect(t.databases.order!.transaction(() => t.bus.publish(cartCleared({ cartId: 'c' })))).rejects.toThrow(
      'does not own',
    );
  });

  it('refuses two handlers of one domain for one event', async () => {
    const t = await city({ cart: async () => undefined });
    expect(() =>
      t.server.addHandler('order.created', (async () => undefined) as never, true, {
        definition: orderCreated,
        listener: CartEvents,
      }),
    ).toThrow('twice');
  });
});
