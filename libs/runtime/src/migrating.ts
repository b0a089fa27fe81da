import type { Domain } from '@nakku/config';
import { ConfigError, DOMAINS, Environment, PlaceSettings } from '@nakku/config';
import {
  DatabaseSettings,
  migrateDatabase,
  type MigrateOptions,
  pendingInStore,
  pendingMigrations,
  planRevert,
  type Reversal,
  revertDatabase,
} from '@nakku/database';
import { storeOf } from './domain.module.js';

type Variables = Record<string, string | undefined>;

/** What was done to one domain's database. */
export interface Migrated {
  domain: Domain;
  database: string;
  /** The names of the migrations that ran; none when it was up to date. */
  ran: string[];
}

/** What one domain's store lacks. */
export interface Pending {
  domain: Domain;
  /** Its database on a server, or the file of its embedded store. */
  database: string;
  pending: string[];
}

/**
 * Brings the databases of these domains up to date, one after the other, and makes those that are missing; tells each as it is done.
 * Throws ConfigError when a domain has no server: an embedded store migrates itself when it is opened.
 */
export async function migrate(
  services: readonly string[],
  env: Variables,
  tell: (done: Migrated) => void,
): Promise<void> {
  const environment = checked(env);
  for (const domain of DOMAINS.filter((name) => services.includes(name))) {
    const options = onServer(domain, environment);
    tell({ domain, database: options.server.database, ran: await migrateDatabase(options) });
  }
}

/** What the stores of these domains lack, on servers or embedded; their processes may run. */
export async function pendingOf(services: readonly string[], env: Variables): Promise<Pending[]> {
  const environment = checked(env);
  const result: Pending[] = [];
  for (const domain of DOMAINS.filter((name) => services.includes(name))) {
    const { server, ...store } = storeOf(domain, environment);
    const pending = server ? await pendingMigrations({ ...store, server }) : pendingInStore(store);
    result.push({ domain, database: server?.database ?? `${domain}.sqlite`, pending });
  }
  return result;
}

/** What undoing the last migrations of a domain would take away; nothing is changed. Throws ConfigError when it has no server. */
export const planOfRevert = (domain: Domain, steps: number, env: Variables): Promise<Reversal[]> =>
  planRevert(onServer(domain, checked(env)), steps);

/** Undoes the last migrations of a domain; returns their names, the last one first. Throws ConfigError when it has no server. */
export const revert = (domain: Domain, steps: number, env: Variables): Promise<string[]> =>
  revertDatabase(onServer(domain, checked(env)), steps);

/** Who migrates has the passwords of databases, and no other secret of a service. */
function checked(env: Variables): Environment {
  const environment = new Environment(env);
  environment.check([PlaceSettings, DatabaseSettings]);
  return environment;
}

function onServer(domain: Domain, environment: Environment): MigrateOptions {
  const { server, ...store } = storeOf(domain, environment);
  if (server) return { ...store, server };
  const sentence = `DB_HOST (or ${domain.toUpperCase()}_DB_HOST) must name the server to migrate, but is not set: embedded stores migrate when they are opened`;
  throw new ConfigError([{ name: 'DB_HOST', sentence }]);
}
