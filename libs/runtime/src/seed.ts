import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { z } from 'zod';

/** Loads a domain's demo data through its own service. Running it twice changes nothing. */
export abstract class Seed {
  abstract seed(): Promise<void>;
}

/** The folder of the project: the nearest one above this file that has `nest-cli.json` or `deploy/`. */
export function projectRoot(from = __dirname): string {
  const up = dirname(from);
  if (existsSync(join(from, 'deploy', 'topologies')) || up === from) return from;
  return projectRoot(up);
}

/** Reads `deploy/seed/<name>.json`; throws when it does not fit the schema. */
export function readSeed<T extends z.ZodType>(name: string, schema: T): z.output<T> {
  return schema.parse(JSON.parse(readFileSync(join(projectRoot(), 'deploy', 'seed', `${name}.json`), 'utf8')));
}
