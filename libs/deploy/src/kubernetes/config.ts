import { createHash } from 'node:crypto';
import { type Deployment, MYSQL_PORT, type Process } from '../deployment.js';
import { environmentOf, heapMbOf, migrationEnvironment, type SecretNeed, SECRETS_FOLDER } from '../environment.js';
import type { Manifest, Node } from './manifest.js';
import { camel, type Component, componentOf, copiesOf, metadata, MIGRATE, setOf } from './names.js';
import { grouped, Param, text, value, valuesOf } from './param.js';

/** How long a process goes on after SIGTERM, in milliseconds; the last second of a pod lies behind it. */
export const GRACE_MS = 25_000;

/** Variables that the operator adds, for all processes. */
export const EXTRA = 'extra-environment';

type Data = Record<string, string | Param>;

const extra = value(
  'environment',
  {},
  [
    'More variables for every process, e.g. {LOG_LEVEL: debug} or, with managed servers, {KAFKA_SSL: "on"}. They override those of the topology.',
    'Numbers and "on" in quotes: variables are texts.',
  ].join('\n'),
  { additionalProperties: { type: 'string' } },
);

/** The ConfigMap of a process, and of the job that migrates. */
export function configMaps(deployment: Deployment): Manifest[] {
  const { processes } = deployment;
  return [
    ...processes.map((process) => configMap(process.app, componentOf(process), variablesOf(deployment, process))),
    configMap(MIGRATE, 'job', migrationVariables(deployment)),
    { object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata(EXTRA, 'job'), data: extra } },
  ];
}

const configMap = (app: string, component: Component, data: Data): Manifest => ({
  object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata(app, component), data },
});

/** The variables of a process: those of every deployment, with what operators of a cluster change left open. */
export function variablesOf(deployment: Deployment, process: Process): Data {
  const own = environmentOf(deployment, process);
  return {
    ...shared(deployment),
    ...Object.fromEntries(Object.entries(own).map(([name, text]) => [name, opened(deployment, process, name, text)])),
    NAKKU_SEED: value('seed', 'none', 'demo loads demo data at the start. Only with mode: development.', {
      enum: ['none', 'demo'],
    }),
    SHUTDOWN_GRACE_MS: String(GRACE_MS),
  };
}

export const migrationVariables = (deployment: Deployment): Data => ({
  ...shared(deployment),
  ...Object.fromEntries(
    Object.entries(migrationEnvironment(deployment)).map(([name, text]) => [
      name,
      hostOf(deployment, name, text) ?? text,
    ]),
  ),
});

const shared = ({ databases }: Deployment): Data => ({
  NODE_ENV: value('mode', 'production', 'NODE_ENV.', { enum: ['production', 'development'] }),
  ...(databases.length > 0 && { DB_PORT: asText(value('mysql.port', MYSQL_PORT)) }),
});

function opened(deployment: Deployment, process: Process, name: string, preset: string): string | Param {
  const called = process.calls.find(
    ({ app, port }) => name.endsWith('_SERVICE_URL') && preset === `http://${app}:${port}`,
  );
  // By the address of each copy, so that what knows of sick copies, of turns and of tries on another one is of use.
  if (called) return `http://${copiesOf(called.app)}:${called.port}`;
  if (name === 'NODE_OPTIONS') return text`--max-old-space-size=${heapOf(process)}`;
  if (name === 'KAFKA_BROKERS') return value('kafka.brokers', preset, 'Where to find the brokers.');
  if (name === 'REDIS_CLUSTER_NODES')
    return value('redis.nodes', preset, 'Some nodes of the cluster. Empty where redis_url names a server.');
  if (name === 'TRUSTED_PROXIES')
    return value(
      'gateway.trustedProxies',
      preset,
      'From whom X-Forwarded-For is taken: the pods of the ingress controller.',
    );
  return hostOf(deployment, name, preset) ?? preset;
}

const heapOf = (process: Process): Param =>
  value(
    `processes.${camel(process.app)}.heapMb`,
    heapMbOf(process),
    'The largest heap of V8 in MB: 60 % of the memory limit.',
    { minimum: 32 },
  );

function hostOf({ databases }: Deployment, name: string, text: string): Param | undefined {
  if (name.endsWith('_DB_HOST')) return value(`mysql.servers.${camel(setOf({ host: text }))}.host`, text);
  if (!name.endsWith('_DB_REPLICA_HOSTS')) return undefined;
  const server = databases.find(({ replicas }) => replicas.length > 0 && text.startsWith(`${replicas[0]}:`));
  return server && value(`mysql.servers.${camel(setOf(server))}.replicas`, text, 'Read replicas; empty: none.');
}

const asText = ({ expression, preset, values }: Param): Param =>
  new Param(`${expression} | toString`, typeof preset === 'string' ? preset : JSON.stringify(preset), values);

/** Changes when the variables do, so that pods are made anew. */
export function checksum(data: Data): Param {
  const params = [...Object.values(data).filter((part) => part instanceof Param), extra];
  const fixed = sha256(JSON.stringify(Object.entries(data).filter(([, part]) => !(part instanceof Param))));
  const preset = sha256(JSON.stringify([fixed, ...params.map((param) => param.preset)]));
  const list = params.map(({ expression }) => grouped(expression)).join(' ');
  return new Param(`list "${fixed}" ${list} | toJson | sha256sum`, preset, valuesOf(params));
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Where a container gets its variables: its ConfigMap's, then the operator's, and the files of its secrets. */
export const environment = (app: string, secrets: readonly SecretNeed[]): { [key: string]: Node } => ({
  envFrom: [{ configMapRef: { name: app } }, { configMapRef: { name: EXTRA } }],
  env: secrets.map(({ name, variable }) => ({ name: variable, value: `${SECRETS_FOLDER}/${name}` })),
});
