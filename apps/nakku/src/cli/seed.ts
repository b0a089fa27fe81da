import { Environment, PlaceSettings } from '@nakku/config';
import { inSeedOrder, loadSeed, OpenedDomains, SERVICES } from '@nakku/runtime';
import type { Command } from 'commander';
import { apps } from '../index.js';
import { Failure } from '../terminal/failure.js';
import { note, print, printJson } from '../terminal/print.js';

/** `nakku seed`: the demo city. */
export function registerSeed(program: Command): void {
  program
    .command('seed')
    .description('load the demo data into databases that are empty; refused in production')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Of the services in SERVICES, or of all. A start with NAKKU_SEED=demo does the same by itself.

Example:
  $ NODE_ENV=development nakku seed`,
    )
    .action(seed);
}

async function seed({ json }: { json?: boolean }): Promise<void> {
  if (new Environment(process.env).production)
    throw new Failure('Demo data has passwords that everybody knows, and NODE_ENV is production: nothing was loaded');
  const { SERVICES: wanted = SERVICES } = new Environment(process.env).get(PlaceSettings);
  const definitions = SERVICES.filter((name) => name !== 'gateway' && wanted.includes(name)).map((name) => apps[name]);
  const domains = await OpenedDomains.of(definitions, process.env);
  const results: { domain: string; before: number; loaded: number }[] = [];
  try {
    for (const { name, seed: type } of inSeedOrder(definitions)) {
      const before = await domains.rowsOf(name);
      await loadSeed(domains.get(type));
      results.push({ domain: name, before, loaded: (await domains.rowsOf(name)) - before });
    }
  } finally {
    await domains.close();
  }
  if (json) return printJson(results);
  for (const { domain, before, loaded } of results)
    print(`${domain}: ${loaded > 0 ? `loaded ${loaded} rows` : `has ${before} rows already, nothing was loaded`}`);
  if (results.some(({ loaded }) => loaded > 0)) note('Who can sign in: deploy/seed/accounts.json');
}
