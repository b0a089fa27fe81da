import type { INestApplication } from '@nestjs/common';
import { Logger } from '@nakku/observability';
import type { DomainDefinition } from './domain.js';

/** A later domain's demo data refers to an earlier one's: zones to stores, addresses to zones. */
const FIRST = ['inventory', 'location', 'product', 'user'];

/** Loads the demo data of the hosted domains. What fails is logged and tried again at the next start. */
export async function runSeeds(app: INestApplication, definitions: readonly DomainDefinition[]): Promise<void> {
  const rank = ({ name }: DomainDefinition) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  for (const { name, seed } of [...definitions].sort((a, b) => rank(a) - rank(b))) {
    if (!seed) continue;
    try {
      await app.get(seed, { strict: false }).seed();
    } catch (err) {
      app.get(Logger).error({ err }, `the demo data of ${name} could not be loaded`);
    }
  }
}
