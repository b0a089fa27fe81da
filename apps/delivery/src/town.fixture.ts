import { orderCancelled, orderConfirmed, orderPacked } from '@nakku/contracts';
import { type Database, newId } from '@nakku/database';
import type { Actor, Role } from '@nakku/observability';
import { notFound } from '@nakku/rpc';
import type { Message } from '@nakku/transport';
import type { EntityManager } from 'typeorm';
import type { Point } from './delivery.js';
import { Delivery } from './delivery.entity.js';
import { DeliveryRepository } from './delivery.repository.js';
import { DeliveryService } from './delivery.service.js';
import { DispatchService } from './dispatch.service.js';
import { newRider } from './hiring.service.js';
import type { Job } from './job.entity.js';
import { JobRepository } from './job.repository.js';
import { JobService } from './job.service.js';
import { RiderRepository } from './rider.repository.js';
import { RiderService } from './rider.service.js';

/** A store, some riders and their orders, on top of the test harness. */
export interface Town {
  get<T>(type: new (...args: never[]) => T): T;
  deliver(message: Message): Promise<unknown>;
  actor(role: Role, given?: Partial<Actor>): Actor;
}

export const store = {
  id: newId(),
  code: 'koramangala',
  name: 'Nakku Koramangala',
  lat: 12.9346,
  lng: 77.6296,
  hours: { open: '00:00', close: '24:00' },
  open: true,
};

/** What inventory answers: there is one store. */
export const stores = {
  getStore: async ({ storeId }: { storeId: string }) => {
    if (storeId !== store.id) throw notFound('store');
    return store;
  },
};

export const address = {
  label: 'Home',
  line1: '12, 5th Cross',
  city: 'Bengaluru',
  state: 'Karnataka',
  postalCode: '560034',
  country: 'IN',
  lat: 12.93521,
  lng: 77.62449,
};

const north = (km: number): Point => ({ lat: store.lat + km / 111.2, lng: store.lng });

/** Lets the clock stand still; `jest.setSystemTime` moves it. Timers go on as ever. */
export const stopClock = (): void => {
  jest.useFakeTimers({
    now: new Date('2026-06-01T10:00:00.000Z'),
    doNotFake: [
      'nextTick',
      'queueMicrotask',
      'setImmediate',
      'setTimeout',
      'clearTimeout',
      'setInterval',
      'clearInterval',
    ],
  });
};
export const pass = (ms: number): void => {
  jest.setSystemTime(Date.now() + ms);
};

/** A rider of the store, online unless said otherwise; `km` from it. */
export async function ride(
  town: Town,
  { name = 'Asha Rao', online = true, km = undefined as number | undefined, storeId = store.id } = {},
) {
  const actor = town.actor('rider');
  const rider = newRider({ id: newId(), userId: actor.id, storeId, vehicle: 'bike', name });
  await town.get(RiderRepository).insert([{ ...rider, ...(km === undefined ? {} : north(km)) }]);
  if (online) await town.get(RiderService).change(actor, 'online');
  return { id: rider.id, actor };
}

export const orderRef = (given: { orderId?: string; customerId?: string; storeId?: string } = {}) => ({
  orderId: newId(),
  number: 'NK-1',
  customerId: newId(),
  storeId: store.id,
  ...given,
});
export type OrderRef = ReturnType<typeof orderRef>;

const money = { total: 10_000, currency: 'INR' };

export const confirmed = (order: OrderRef) =>
  orderConfirmed({
    ...order,
    ...money,
    items: [],
    paymentMethod: 'cod',
    paymentId: newId(),
    address,
    promisedAt: new Date(Date.now() + 1_200_000).toISOString(),
  });
export const packed = (order: OrderRef) => orderPacked(order);
export const cancelled = (order: OrderRef) =>
  orderCancelled({ ...order, ...money, reason: 'CUSTOMER', previousStatus: 'confirmed' });

/** An order that is confirmed. */
export async function place(town: Town, given: Partial<OrderRef> = {}): Promise<OrderRef> {
  const order = orderRef(given);
  await town.deliver(confirmed(order));
  return order;
}

/** Dispatches, and gives the job that the order has then. */
export async function offer(town: Town, { orderId }: OrderRef): Promise<Job | null> {
  await town.get(DispatchService).sweep();
  return town.get(JobRepository).openOf(orderId);
}

const ROWS = 500;

/** Many deliveries like that of a confirmed order, but for what is given. */
export async function crowd(town: Town & { database: Database }, count: number, given: Partial<Delivery> = {}) {
  const { orderId } = await place(town);
  const sample = await town.get(DeliveryRepository).byOrder(orderId);
  await town.database.transaction(async () => {
    for (let n = 0; n < count; n += ROWS) {
      const insert = town.database.manager.createQueryBuilder().insert().into(Delivery);
      const rows = Array.from({ length: Math.min(ROWS, count - n) }, () => ({
        ...sample!,
        otp: '000000',
        orderId: newId(),
        ...given,
      }));
      await insert.values(rows).updateEntity(false).execute();
    }
  });
}

/** By which index each table of a query is found, as the store says; a table that is read from end to end has none. */
export async function indexesOf(
  { manager, shared }: Database,
  [sql, parameters]: Parameters<EntityManager['query']>,
): Promise<(string | undefined)[]> {
  if (shared) {
    const rows: { key: string | null }[] = await manager.query(`EXPLAIN FORMAT=TRADITIONAL ${sql}`, parameters);
    return rows.map(({ key }) => key ?? undefined);
  }
  const steps: { detail: string }[] = await manager.query(`EXPLAIN QUERY PLAN ${sql}`, parameters);
  const tables = steps.filter(({ detail }) => /^(SEARCH|SCAN)/.test(detail));
  return tables.map(({ detail }) => /^SEARCH .* USING (?:COVERING )?INDEX (\w+)/.exec(detail)?.[1]);
}

/** An order on its way to the door: its rider, job and one-time password. */
export async function underWay(town: Town) {
  const rider = await ride(town);
  const order = await place(town);
  const job = await offer(town, order);
  if (!job) throw new Error('nobody was asked');
  await town.get(JobService).accept(rider.actor, job.id);
  await town.deliver(packed(order));
  await town.get(JobService).pickUp(rider.actor, job.id);
  const { otp = '' } = await town.get(DeliveryService).getOtp(order);
  return { rider, order, job, otp };
}
