import { CacheSettings, type Endpoint, endpointOf } from '@nakku/cache';
import { Redis } from 'ioredis';
import { fail, type Finding, ok, reasonOf, skip, warn } from './finding.js';
import { type Check, type Patient, within } from './patient.js';

const EVICTING = /^(allkeys|volatile)-/;

/** Whether Redis answers, as a cluster where it is one, and makes room when its memory is full. */
export const redis: Check = {
  name: 'redis',
  look: async (patient) => {
    const endpoint = endpointOf(patient.environment.get(CacheSettings));
    if (!endpoint)
      return [
        patient.deployment.caches.length > 0
          ? skip('redis', 'this environment does not say where it is', 'set REDIS_URL or REDIS_CLUSTER_NODES')
          : skip('redis', 'caches are in memory'),
      ];
    const findings = await Promise.all(endpoint.nodes.map((node) => nodeOf(patient, endpoint, node)));
    return findings.flat();
  },
};

async function nodeOf({ timeoutMs }: Patient, endpoint: Endpoint, node: Endpoint['nodes'][number]): Promise<Finding[]> {
  const name = `redis ${node.host}:${node.port}`;
  const client = clientOf(endpoint, node, timeoutMs);
  let cause: unknown;
  client.on('error', (error) => (cause = error));
  try {
    await within(timeoutMs, client.connect());
    const info = await within(timeoutMs, client.info());
    return [
      memory(name, info),
      ...(endpoint.cluster ? [cluster(name, await within(timeoutMs, clusterInfo(client)))] : []),
    ];
  } catch (error) {
    return [
      fail(
        name,
        `does not answer: ${reasonOf(cause ?? error)}`,
        'start it; each process has its own cache and limits meanwhile',
      ),
    ];
  } finally {
    client.disconnect();
  }
}

const clientOf = ({ username, password, tls }: Endpoint, node: Endpoint['nodes'][number], timeoutMs: number): Redis =>
  new Redis({
    ...node,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: {} }),
    lazyConnect: true,
    connectTimeout: timeoutMs,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });

const clusterInfo = async (client: Redis): Promise<string> => String(await client.cluster('INFO'));

const fieldOf = (info: string, name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';

function memory(name: string, info: string): Finding {
  const limit = Number(fieldOf(info, 'maxmemory'));
  const policy = fieldOf(info, 'maxmemory_policy');
  if (limit === 0) return warn(name, 'answers, and may use all memory of its machine', 'set maxmemory');
  if (EVICTING.test(policy)) return ok(name, `answers; ${Math.round(limit / 1024 ** 2)} MiB, ${policy}`);
  return warn(
    name,
    `answers, and refuses writes when it is full (${policy})`,
    'set maxmemory-policy allkeys-lru: all that is in it can be had elsewhere',
  );
}

function cluster(name: string, info: string): Finding {
  const state = fieldOf(info, 'cluster_state');
  const slots = `${fieldOf(info, 'cluster_slots_ok')} of 16384 slots are served`;
  if (state === 'ok' && fieldOf(info, 'cluster_slots_ok') === '16384') return ok(`${name}, cluster`, slots);
  return fail(
    `${name}, cluster`,
    `${state || 'no cluster'}, ${slots}`,
    'start the node that is away, or redis-cli --cluster fix',
  );
}
