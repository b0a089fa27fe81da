import { GATEWAY } from './catalogue.js';
import { type Deployment, KAFKA_PORT, MYSQL_PORT, type Process, REDIS_PORT } from './deployment.js';

/** Where secrets are mounted, in containers of any kind: a file each. */
export const SECRETS_FOLDER = '/run/secrets';
/** Who changes tables. */
export const MIGRATION_USER = 'nakku_migration';
/** Whom replicas log in as. */
export const REPLICATION_USER = 'nakku_replication';

/** What a secret is made of by `npx nakku secrets init`. */
export type SecretKind =
  | 'password'
  | 'private-key'
  | 'public-key'
  | 'redis-url'
  | 'certificate'
  | 'certificate-key'
  /** The operator's own; until it is filled in it leads nowhere. */
  | 'webhook-url';

/** A secret that somebody needs: a file of that name below `deploy/secrets`, mounted at `/run/secrets/<name>`. */
export interface SecretNeed {
  /** E.g. `order_db_password`. */
  name: string;
  kind: SecretKind;
  /** The variable that is told the file's path, e.g. `ORDER_DB_PASSWORD_FILE`. */
  variable: string;
}

/** The private networks of RFC 1918. */
export const PRIVATE_RANGES = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

const upper = (domain: string): string => domain.toUpperCase();
/** The database user of a domain, as the guide names it. */
export const userOf = (domain: string): string => `nakku_${domain}`;
export const databaseOf = (domain: string): string => `nakku_${domain}`;
export const passwordOf = (domain: string): string => `${domain}_db_password`;

/** Of the memory limit. V8 must collect its garbage before the kernel kills the process; code, buffers and hashing need the rest. */
const HEAP_SHARE = 0.6;

/** How large the heap of a process may become, in MB. */
export const heapMbOf = ({ limits }: Process): number => Math.floor(limits.memoryMb * HEAP_SHARE);

/** The variables of a process that are no secret, by name; the same for all its copies, in containers of any kind. */
export function environmentOf(deployment: Deployment, process: Process): Record<string, string> {
  return {
    TOPOLOGY: deployment.name,
    SERVICES: process.services.join(','),
    HOST: '0.0.0.0',
    PORT: String(process.port),
    LOG_FORMAT: 'json',
    NODE_OPTIONS: `--max-old-space-size=${heapMbOf(process)}`,
    ...(deployment.databases.length > 0 && { DB_MIGRATE: 'never' }),
    ...databaseVariables(deployment, process.domains, userOf),
    ...(process.domains.length > 0 && kafkaVariables(deployment)),
    ...redisVariables(deployment),
    ...peerVariables(deployment, process),
    // Nobody but the balancer and the others of the private network can reach a gateway.
    ...(process.services.includes(GATEWAY) && {
      TRUSTED_PROXIES: PRIVATE_RANGES.join(','),
    }),
  };
}

/** The variables of the job that migrates every database. */
export function migrationEnvironment(deployment: Deployment): Record<string, string> {
  const domains = deployment.processes.flatMap((process) => process.domains);
  return {
    TOPOLOGY: deployment.name,
    DB_MIGRATION_USER: MIGRATION_USER,
    ...databaseVariables(deployment, domains, () => MIGRATION_USER),
  };
}

/** The secrets of a process. */
export function secretsOf(deployment: Deployment, process: Process): SecretNeed[] {
  const signs = process.services.includes('user');
  const pays = process.services.includes('payment');
  return [
    signs
      ? { name: 'jwt_private_key', kind: 'private-key', variable: 'JWT_PRIVATE_KEY_FILE' }
      : { name: 'jwt_public_key', kind: 'public-key', variable: 'JWT_PUBLIC_KEY_FILE' },
    password('internal_secret', 'INTERNAL_SECRET_FILE'),
    password('metrics_token', 'METRICS_TOKEN_FILE'),
    ...(pays ? [password('payment_webhook_secret', 'PAYMENT_WEBHOOK_SECRET_FILE')] : []),
    ...(deployment.databases.length > 0
      ? process.domains.map((domain) => password(passwordOf(domain), `${upper(domain)}_DB_PASSWORD_FILE`))
      : []),
    ...(deployment.caches.length > 0
      ? [{ name: 'redis_url', kind: 'redis-url', variable: 'REDIS_URL_FILE' } as const]
      : []),
  ];
}

/** The secrets of the job that migrates: as both who logs in and who migrates. */
export const migrationSecrets = (): SecretNeed[] => [
  password('migration_db_password', 'DB_MIGRATION_PASSWORD_FILE'),
  password('migration_db_password', 'DB_PASSWORD_FILE'),
];

const password = (name: string, variable: string): SecretNeed => ({ name, kind: 'password', variable });

function databaseVariables(
  { databases }: Deployment,
  domains: readonly string[],
  user: (domain: string) => string,
): Record<string, string> {
  const rows = databases.flatMap((server) =>
    server.domains
      .filter((domain) => domains.includes(domain))
      .flatMap((domain) => [
        [`${upper(domain)}_DB_HOST`, server.host],
        [`${upper(domain)}_DB_USER`, user(domain)],
        ...(server.replicas.length > 0
          ? [[`${upper(domain)}_DB_REPLICA_HOSTS`, server.replicas.map((host) => `${host}:${MYSQL_PORT}`).join(',')]]
          : []),
      ]),
  );
  return Object.fromEntries(rows) as Record<string, string>;
}

const kafkaVariables = ({ brokers }: Deployment): Record<string, string> =>
  brokers.length === 0
    ? {}
    : { KAFKA_BROKERS: brokers.map((host) => `${host}:${KAFKA_PORT}`).join(','), KAFKA_GROUP_ID: 'nakku' };

/** With one server REDIS_URL says all; it has the password, so it is a secret. */
const redisVariables = ({ caches, redisMode }: Deployment): Record<string, string> =>
  redisMode === 'cluster' ? { REDIS_CLUSTER_NODES: caches.map((host) => `${host}:${REDIS_PORT}`).join(',') } : {};

function peerVariables({ topology }: Deployment, { calls }: Process): Record<string, string> {
  if (calls.length === 0) return {};
  if (topology.discovery === 'consul') return { CONSUL_URL: 'http://consul:8500' };
  const rows = calls.flatMap(({ app, port, services }) =>
    services.map((service) => [`${upper(service)}_SERVICE_URL`, `http://${app}:${port}`]),
  );
  return Object.fromEntries(rows) as Record<string, string>;
}
