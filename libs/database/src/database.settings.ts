import { readFileSync } from 'node:fs';
import { ConfigError, DOMAINS, type Domain, type Environment, list, secret, settings } from '@nakku/config';
import { z } from 'zod';
import type { Address, ServerOptions } from './server.options.js';

const DEFAULT_PORT = 3306;
/** What needs no quoting anywhere, and leaves room for _notification within the 64 characters of a server. */
const DATABASE_NAME = /^[A-Za-z0-9_]{1,50}$/;
const ADDRESS = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/;

/** What can be set for all domains, and for each by itself. */
const perServer = {
  HOST: z.string().optional(),
  PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  USER: z.string().optional(),
  PASSWORD: secret().optional(),
  NAME: z
    .string()
    .regex(DATABASE_NAME)
    .describe('a database name of at most 50 letters, digits and underscores')
    .optional(),
  REPLICA_HOSTS: list('hosts, each with a :port if it has one', (item) => ADDRESS.test(item)).optional(),
  POOL_SIZE: z.coerce.number().int().min(1).max(1000).optional(),
  MIGRATION_USER: z.string().optional(),
  MIGRATION_PASSWORD: secret().optional(),
};

type Key = keyof typeof perServer;
type Shape<Prefix extends string> = { [K in Key as `${Prefix}DB_${K}`]: (typeof perServer)[K] };

const shapeOf = <Prefix extends string>(prefix: Prefix) =>
  Object.fromEntries(Object.entries(perServer).map(([key, schema]) => [`${prefix}DB_${key}`, schema])) as Shape<Prefix>;

const ofDomains = Object.assign(
  {},
  ...DOMAINS.map((domain) => shapeOf(`${upper(domain)}_`)),
) as Shape<`${Uppercase<Domain>}_`>;

/** Where the domains keep their tables: the embedded store, unless a server is named. */
export class DatabaseSettings extends settings({
  ...shapeOf(''),
  ...ofDomains,
  /** `never`: somebody else migrates, and a start without its migrations is refused. */
  DB_MIGRATE: z.enum(['start', 'never']).default('start'),
  /** A file of certificates (PEM) that the server's must be signed by; with it connections are encrypted. */
  DB_SSL_CA_FILE: z.string().optional(),
  /** `off`: the certificate may be for another host name, as those are that MySQL makes for itself. */
  DB_SSL_VERIFY_HOST: z.enum(['on', 'off']).default('on'),
  /** How far a replica may be behind, in milliseconds. */
  DB_REPLICA_MAX_LAG_MS: z.coerce.number().int().min(2000).max(600_000).default(2000),
}) {}

type Values = { [K in Key]?: NonNullable<z.output<(typeof perServer)[K]>> };

/**
 * The server of a domain; undefined: the embedded store. What is not set for the domain is taken from the variables for all, except that a
 * server of its own does not have the replicas of the common one. Throws ConfigError.
 */
export function serverOf(environment: Environment, domain: Domain): ServerOptions | undefined {
  const settings = environment.get(DatabaseSettings);
  const prefix = `${upper(domain)}_`;
  const [own, common] = [valuesOf(settings, prefix), valuesOf(settings, '')];
  const { HOST: host, PORT: port = DEFAULT_PORT, ...given } = { ...common, ...own };
  if (host === undefined) return undefined;
  const because = own.HOST === undefined ? 'DB_HOST' : `${prefix}DB_HOST`;
  const replicas = own.REPLICA_HOSTS ?? (own.HOST === undefined ? common.REPLICA_HOSTS : undefined) ?? [];
  return {
    host,
    port,
    user: given.USER ?? missing('DB_USER', because),
    password: given.PASSWORD ?? (environment.production ? missing('DB_PASSWORD', because) : ''),
    database: own.NAME ?? `${common.NAME ?? 'nakku'}_${domain}`,
    replicas: replicas.map((item) => addressOf(item, port)),
    poolSize: given.POOL_SIZE,
    migrate: settings.DB_MIGRATE,
    migrator:
      given.MIGRATION_USER === undefined
        ? undefined
        : { user: given.MIGRATION_USER, password: given.MIGRATION_PASSWORD ?? '' },
    ca: settings.DB_SSL_CA_FILE === undefined ? undefined : certificates(settings.DB_SSL_CA_FILE),
    verifyHost: settings.DB_SSL_VERIFY_HOST === 'on',
    replicaMaxLagMs: settings.DB_REPLICA_MAX_LAG_MS,
  };
}

function valuesOf(settings: DatabaseSettings, prefix: string): Values {
  const all: Partial<Record<string, unknown>> = { ...settings };
  const keys = Object.keys(perServer).filter((key) => all[`${prefix}DB_${key}`] !== undefined);
  return Object.fromEntries(keys.map((key) => [key, all[`${prefix}DB_${key}`]]));
}

function missing(name: string, because: string): never {
  throw new ConfigError([{ name, sentence: `${name} must be set where ${because} is, but is not set` }]);
}

function addressOf(item: string, port: number): Address {
  const [, host = item, own] = /^(.*?)(?::(\d+))?$/.exec(item) ?? [];
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: own === undefined ? port : Number(own) };
}

function certificates(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const name = 'DB_SSL_CA_FILE';
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError([{ name, sentence: `${name} must be a file that can be read, but "${file}" gave ${code}` }]);
  }
}

function upper<D extends Domain>(domain: D): Uppercase<D> {
  return domain.toUpperCase() as Uppercase<D>;
}
