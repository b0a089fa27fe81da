import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplication } from '@nestjs/common';
import { Logger } from '@nakku/observability';
import type { DomainDefinition } from './domain.js';
import type { Seed } from './seed.js';

/** A later domain's demo data refers to an earlier one's: zones to stores, addresses to zones. */
const FIRST = ['inventory', 'location', 'product', 'user'];
const TRIES = 3;
const PAUSE_MS = 200;

/** Loads the demo data of the hosted domains. What fails is logged and tried again at the next start. */
export async function runSeeds(app: INestApplication, definitions: readonly DomainDefinition[]): Promise<void> {
  for (const { name, seed } of inSeedOrder(definitions))
    await loadSeed(app.get(seed, { strict: false })).catch((err: unknown) =>
      app.get(Logger).error({ err }, `the demo data of ${name} could not be loaded`),
    );
}

/** The domains that have demo data, in the order in which it is loaded. */
export function inSeedOrder<D extends DomainDefinition>(definitions: readonly D[]): (D & Required<Pick<D, 'seed'>>)[] {
  const rank = ({ name }: D) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return definitions
    .filter((one): one is D & Required<Pick<D, 'seed'>> => one.seed !== undefined)
    .sort((a, b) => rank(a) - rank(b));
}

/** Two copies that start at once on an empty database both find it empty: the slower one is refused, and finds it full when it looks again. */
export async function loadSeed(seed: Seed, tries = TRIES): Promise<void> {
  try {
    await seed.seed();
  } catch (error) {
    if (tries <= 1) throw error;
    await sleep(PAUSE_MS);
    await loadSeed(seed, tries - 1);
  }
}
