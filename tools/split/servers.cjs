// The servers behind a split Nakku: their variables from .infra/env, and whether they answer.
const { existsSync, readFileSync } = require('node:fs');
const { connect } = require('node:net');

/** The variables of an env file as infra:up writes it; what the shell has set goes before. */
function variablesOf(file, shell) {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').matchAll(/^export (\w+)='(.*)'$/gm) : [];
  return { ...Object.fromEntries([...lines].map(([, name, value]) => [name, value])), ...shell };
}

/** What infra:up has to be told for a topology. */
function serversFor({ data }) {
  if (!data) return ['kafka', 'mysql', 'redis'];
  const { database, kafka, redis } = data;
  return [
    kafka.replication > 1 ? 'kafka3' : 'kafka',
    database.replicas > 0 ? `${database.engine}-repl` : database.engine,
    redis.mode === 'cluster' ? 'redis-cluster' : 'redis',
  ];
}

/** Throws, with what to do, unless the servers that the topology needs are known and answer. */
async function checkServers(topology, variables) {
  const up = `npm run infra:up -- ${serversFor(topology).join(' ')}`;
  const brokers = listOf(variables.KAFKA_BROKERS);
  const databases = Object.keys(variables).filter((name) => /(^|_)DB_HOST$/.test(name) && variables[name]);
  const caches = [
    ...listOf(variables.REDIS_CLUSTER_NODES),
    ...listOf(variables.REDIS_URL).map((url) => new URL(url).host),
  ];
  const missing = [
    [brokers, 'KAFKA_BROKERS'],
    [databases, 'DB_HOST'],
    [caches, 'REDIS_URL'],
  ].filter(([found]) => found.length === 0);
  if (missing.length > 0)
    throw new Error(
      `many processes need servers that they share, and ${missing.map(([, name]) => name).join(', ')} is not set: ${up}`,
    );
  const copies = Number(variables.KAFKA_REPLICATION || topology.data?.kafka.replication || 1);
  if (brokers.length < copies)
    throw new Error(`the topology keeps ${copies} copies of each event, and Kafka has ${brokers.length} broker: ${up}`);
  const hosts = databases.map((name) => {
    const prefix = name.slice(0, -'HOST'.length);
    return `${variables[name]}:${variables[`${prefix}PORT`] || variables.DB_PORT || 3306}`;
  });
  for (const address of new Set([...hosts, ...brokers.slice(0, 1), ...caches.slice(0, 1)]))
    if (!(await answers(address))) throw new Error(`nobody answers at ${address}: ${up}`);
}

/** Where these servers are fewer than the topology's. */
function notesOn({ data }, variables) {
  const shards = data?.database.shards?.length ?? 1;
  const own = Object.keys(variables).some((name) => /^[A-Z]+_DB_(HOST|PORT)$/.test(name) && variables[name]);
  return shards > 1 && !own
    ? [`the topology has ${shards} database servers; here all services use one, unless <NAME>_DB_HOST says otherwise`]
    : [];
}

const listOf = (text = '') =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);

function answers(address) {
  const { hostname, port } = new URL(`tcp://${address}`);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), timeout: 3000 });
    const end = (answer) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}

module.exports = { checkServers, notesOn, variablesOf };
