import type { Deployment, Process } from '../deployment.js';
import { environmentOf, migrationEnvironment, migrationSecrets, type SecretNeed, secretsOf } from '../environment.js';
import { imageOf } from '../images.js';
import { CLUSTER_INIT } from './redis.js';
import {
  check,
  type Condition,
  HARDENED,
  type Network,
  resourcesOf,
  scratch,
  secretFile,
  type Service,
  type Services,
} from './service.js';

/** `node` of the image. */
const UID = 1000;
const DATA_DIR = '/var/lib/nakku';
export const MIGRATE = 'migrate';

/** How a process is run, whichever it is. */
export const PROCESS = {
  '<<': HARDENED,
  user: `${UID}:${UID}`,
  init: true,
  tmpfs: scratch(UID),
  healthcheck: check(['CMD', 'docker/healthcheck'], '120s'),
  // A stop takes 25 s at most: requests and events that are under way come to their end.
  stop_grace_period: '30s',
};

/** A trial with demo data is NODE_ENV=development NAKKU_SEED=demo; anything else is for real. */
const MODE = { NODE_ENV: '${NODE_ENV:-production}', NAKKU_SEED: '${NAKKU_SEED:-none}' };

/** Whether there is a database to migrate. */
export const migrates = ({ databases }: Deployment): boolean => databases.length > 0;

/** Every process. `present` are the services of the same file, which can be waited for. */
export const processServices = (deployment: Deployment, present: ReadonlySet<string>): Services =>
  Object.fromEntries(deployment.processes.map((process) => [process.app, processOf(deployment, process, present)]));

function processOf(deployment: Deployment, process: Process, present: ReadonlySet<string>): Service {
  const embedded = !migrates(deployment);
  return {
    image: imageOf(process),
    '<<': PROCESS,
    environment: {
      ...MODE,
      ...environmentOf(deployment, process),
      ...filesOf(secretsOf(deployment, process)),
      ...(embedded && { DATA_DIR }),
    },
    secrets: namesOf(secretsOf(deployment, process)),
    ...(embedded && { volumes: [`${process.app}:${DATA_DIR}`] }),
    networks: networksOf(deployment, process),
    ...waiting(deployment, process, present),
    deploy: {
      replicas: process.replicas,
      resources: resourcesOf(process.resources, process.limits),
    },
  };
}

/** Only gateways are where the balancer is; a process that is all of Nakku needs nobody else. */
function networksOf(deployment: Deployment, process: Process): Network[] {
  const gateway = process === deployment.gateway;
  if (deployment.processes.length === 1 && !migrates(deployment)) return ['edge'];
  return [...(gateway ? (['edge'] as const) : []), 'app', 'data'];
}

/** Its own database, migrated, and what its events and caches live on. It does not wait for other processes: it asks them until they are there. */
function waiting(
  deployment: Deployment,
  { domains }: Process,
  present: ReadonlySet<string>,
): Pick<Service, 'depends_on'> {
  const own = deployment.databases.filter((server) => server.domains.some((domain) => domains.includes(domain)));
  const healthy: (readonly [string, Condition])[] = [
    ...own.map(({ host }) => host),
    ...(domains.length > 0 ? deployment.brokers : []),
    ...(deployment.redisMode === 'cluster' ? [] : deployment.caches),
    ...(deployment.topology.discovery === 'consul' ? ['consul'] : []),
  ].map((name) => [name, 'service_healthy']);
  const done: (readonly [string, Condition])[] = [
    ...(domains.length > 0 ? [MIGRATE] : []),
    ...(deployment.redisMode === 'cluster' ? [CLUSTER_INIT] : []),
  ].map((name) => [name, 'service_completed_successfully']);
  const conditions = [...done, ...healthy].filter(([name]) => present.has(name));
  if (conditions.length === 0) return {};
  return { depends_on: Object.fromEntries(conditions.map(([name, condition]) => [name, { condition }])) };
}

/** The job that changes tables before the processes start; there is one image, whatever its tag. */
export const migrateService = (deployment: Deployment, present: ReadonlySet<string>): Service => {
  const healthy = deployment.databases.map(({ host }) => host).filter((host) => present.has(host));
  return {
    image: imageOf(deployment.gateway),
    '<<': PROCESS,
    restart: 'no',
    command: ['nakku', 'migrate', 'up'],
    environment: {
      NODE_ENV: MODE.NODE_ENV,
      ...migrationEnvironment(deployment),
      ...filesOf(migrationSecrets()),
    },
    secrets: namesOf(migrationSecrets()),
    networks: ['data'],
    // It ends. The image's own check would ask it for an answer.
    healthcheck: { disable: true },
    ...(healthy.length > 0 && {
      depends_on: Object.fromEntries(healthy.map((host) => [host, { condition: 'service_healthy' as const }])),
    }),
    deploy: { resources: resourcesOf({ memoryMb: 256, cpu: 0.5 }) },
  };
};

const namesOf = (needs: readonly SecretNeed[]): string[] => [...new Set(needs.map(({ name }) => name))];

const filesOf = (needs: readonly SecretNeed[]): Record<string, string> =>
  Object.fromEntries(needs.map(({ name, variable }) => [variable, secretFile(name)]));
