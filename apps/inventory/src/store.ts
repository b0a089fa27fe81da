import { worksAt } from '@nakku/auth';
import type { Store as StoreShape } from '@nakku/contracts';
import type { Actor } from '@nakku/observability';
import { badRequest, notFound } from '@nakku/rpc';
import type { z } from 'zod';
import type { Store } from './store.entity.js';

export type StoreView = z.output<typeof StoreShape>;

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Whether a store sells at this instant: its switch is on and the local clock is within its hours. */
export function isOpen(
  store: Pick<Store, 'opensAt' | 'closesAt' | 'switchedOn'>,
  instant: Date,
  timeZone: string,
): boolean {
  if (!store.switchedOn) return false;
  const [opens, closes, time] = [minutes(store.opensAt), minutes(store.closesAt), localMinutes(instant, timeZone)];
  return opens < closes ? opens <= time && time < closes : time >= opens || time < closes;
}

/** What clients and other domains see of a store. */
export const storeView = (store: Store, instant: Date, timeZone: string): StoreView => ({
  id: store.id,
  code: store.code,
  name: store.name,
  lat: store.lat,
  lng: store.lng,
  hours: { open: store.opensAt, close: store.closesAt },
  open: isOpen(store, instant, timeZone),
});

/** A code for a store that was not given one: `Nakku Jayanagar` is `nakku-jayanagar`. Empty for a name without any Latin letter or digit. */
export const codeOf = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 64)
    .replaceAll(/^-+|-+$/g, '');

/** Staff see the stores they work for, one at a time; an admin sees any, or all. To staff another store does not exist. */
export function requireStore(actor: Actor, storeId: string | undefined): void {
  if (storeId === undefined) {
    if (!actor.roles.includes('admin')) throw badRequest('STORE_REQUIRED', 'Name the store: ?storeId=…');
  } else if (!worksAt(actor, storeId)) throw notFound('store');
}

function minutes(clock: string): number {
  const [hour, minute] = clock.split(':');
  return Number(hour) * 60 + Number(minute);
}

function localMinutes(instant: Date, timeZone: string): number {
  let clock = clocks.get(timeZone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    clocks.set(timeZone, clock); // making one costs a thousand times what using it does
  }
  return minutes(clock.format(instant));
}
