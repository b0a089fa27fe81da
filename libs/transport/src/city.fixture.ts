import { promisify } from 'node:util';
import { Environment } from '@nakku/config';
import { type Address, type Database, type Login, openDatabase } from '@nakku/database';
import { Metrics } from '@nakku/observability';
import { z } from 'zod';
import {
  createEventServer,
  type Envelope,
  event,
  EventBus,
  EventOperations,
  KafkaServer,
  KafkaSettings,
  Listener,
  Relay,
  Transport,
  TRANSPORT_ENTITIES,
  Transport1700000000001,
  TransportSettings,
} from './index.js';

/** What order tells in these tests. */
export const orderCreated = event({
  type: 'order.created',
  version: 1,
  key: 'orderId',
  payload: z.object({ orderId: z.string(), step: z.int() }),
});

@Listener('cart')
class CartEvents {}
@Listener('payment')
class PaymentEvents {}
/** The classes whose methods the handlers would be. */
export const LISTENERS = { cart: CartEvents, payment: PaymentEvents };

export type Handle = (event: Envelope) => Promise<void>;
export type Databases = Record<'order' | 'cart' | 'payment', Database>;
type Handlers = Partial<Record<keyof typeof LISTENERS, Handle>>;

/** A folder, or a server and what the names of the databases there begin with. */
export type Where = { dataDir: string } | { server: Address & Login; prefix: string };

/** A domain's store. On a server it may be opened several times, as by several processes. */
export function openStore(name: string, where: Where): Promise<Database> {
  const tables = { name, entities: TRANSPORT_ENTITIES, migrations: [Transport1700000000001] };
  if ('dataDir' in where) return openDatabase({ ...tables, ...where });
  const { host, port, user, password } = where.server;
  const server = { host, port, user, password, database: `${where.prefix}_${name}`, poolSize: 8 };
  return openDatabase({ ...tables, dataDir: '', server });
}

/** The stores of the three domains. */
export async function openDatabases(where: Where): Promise<Databases> {
  const [order, cart, payment] = await Promise.all(['order', 'cart', 'payment'].map((name) => openStore(name, where)));
  return { order: order!, cart: cart!, payment: payment! };
}

export const closeDatabases = async (databases: Databases): Promise<void> =>
  void (await Promise.all(Object.values(databases).map((database) => database.close())));

/** One process of the city: order publishes; cart and payment listen with these handlers, by what the environment says. */
export function processOn(databases: Databases, handlers: Handlers, env: Record<string, string> = {}) {
  const environment = new Environment({ EVENT_MAX_TRIES: '3', EVENT_RETRY_MS: '5', ...env });
  const transport = new Transport(environment.get(TransportSettings), new Metrics());
  const relays = new Map<Database, Relay>();
  for (const database of Object.values(databases)) {
    const relay = new Relay(database);
    relays.set(database, relay);
    const operations = new EventOperations(database, relay, (type) => transport.consumer(database.name, type));
    transport.join({ database, relay, operations });
  }
  const server = createEventServer(transport, environment.get(KafkaSettings), { partitions: 3 });
  for (const [name, handler] of Object.entries(handlers))
    server.addHandler('order.created', handler as never, true, {
      definition: orderCreated,
      listener: LISTENERS[name as keyof typeof LISTENERS],
    });
  const bus = new EventBus(databases.order, relays.get(databases.order)!);
  return {
    transport,
    server,
    bus,
    kafka: server instanceof KafkaServer ? server : undefined,
    start: () => promisify((callback: (error?: unknown) => void) => server.listen(callback))(),
    publish: (orderId: string, step = 0) =>
      databases.order.transaction(() => bus.publish(orderCreated({ orderId, step }))),
    close: () => server.close(),
  };
}

export type Process = ReturnType<typeof processOn>;

/** The data of one of these events. */
export const dataOf = (e: Envelope) => e.data as { orderId: string; step: number };
