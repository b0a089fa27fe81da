import { headline } from '../artefact.js';
import { type Deployment, REDIS_PORT } from '../deployment.js';
import { IMAGES } from '../images.js';
import {
  check,
  files,
  HARDENED,
  resourcesOf,
  scratch,
  secretFile,
  type Service,
  type Services,
  shell,
} from './service.js';

/** `redis` of the image. */
export const REDIS_UID = 999;
/** The password of the nodes; processes have it in redis_url. */
export const REDIS_PASSWORD = 'redis_password';
const MEMORY_MB = 256;
export const CLUSTER_INIT = 'redis-cluster-init';
const START = '/usr/local/etc/redis/start.sh';
const INIT = '/usr/local/etc/redis/cluster-init.sh';

/** The nodes; of a cluster also the job that makes one of them. */
export function cacheServices(deployment: Deployment): Services {
  const { caches, redisMode } = deployment;
  const nodes = Object.fromEntries(caches.map((host) => [host, node(host)]));
  return redisMode === 'cluster' ? { ...nodes, [CLUSTER_INIT]: clusterInit(caches) } : nodes;
}

const node = (host: string): Service => ({
  ...common(),
  hostname: host,
  command: ['sh', START],
  volumes: [`${host}:/data`, `./redis/start.sh:${START}:ro`],
  healthcheck: check(
    ['CMD', 'sh', '-c', shell(`REDISCLI_AUTH=$(cat ${secretFile(REDIS_PASSWORD)}) redis-cli ping | grep -q PONG`)],
    '30s',
  ),
  ulimits: files(10_240),
  stop_grace_period: '30s',
  deploy: {
    resources: resourcesOf({ memoryMb: MEMORY_MB * 1.5, cpu: 0.25 }, { memoryMb: MEMORY_MB * 2, cpu: 1 }),
  },
});

const clusterInit = (caches: readonly string[]): Service => ({
  ...common(),
  restart: 'on-failure:5',
  command: ['sh', INIT],
  volumes: [`./redis/cluster-init.sh:${INIT}:ro`],
  depends_on: Object.fromEntries(caches.map((host) => [host, { condition: 'service_healthy' }])),
  deploy: { resources: resourcesOf({ memoryMb: 32, cpu: 0.1 }) },
});

const common = (): Service => ({
  image: IMAGES.redis,
  '<<': HARDENED,
  user: `${REDIS_UID}:${REDIS_UID}`,
  secrets: [REDIS_PASSWORD],
  tmpfs: scratch(REDIS_UID),
  networks: ['data'],
});

const OPENING = `set -eu
REDISCLI_AUTH=$(cat ${secretFile(REDIS_PASSWORD)})
export REDISCLI_AUTH
address() { getent hosts "$1" | cut -d' ' -f1; }`;

/** Starts a node. The password goes into a file in memory: arguments can be read by anybody on the host. */
export const startScript = (deployment: Deployment): string => `#!/bin/sh
${headline(deployment)}
# Starts Redis. It holds what can be had elsewhere (caches, limits, positions): when its memory is full, the oldest goes.
${OPENING}
umask 077
cat >/tmp/redis.conf <<CONF
port ${REDIS_PORT}
dir /data
appendonly yes
appendfsync everysec
save ""
maxmemory ${MEMORY_MB}mb
maxmemory-policy allkeys-lru
requirepass $REDISCLI_AUTH
masterauth $REDISCLI_AUTH
CONF
${deployment.redisMode === 'cluster' ? clusterNode(deployment.caches) : ''}exec redis-server /tmp/redis.conf
`;

const clusterNode = (caches: readonly string[]): string => `cat >>/tmp/redis.conf <<CONF
cluster-enabled yes
cluster-config-file nodes.conf
cluster-node-timeout 5000
# While one node is away the others answer for what they hold.
cluster-require-full-coverage no
# Clients are told names: addresses change when containers are made anew.
cluster-announce-hostname $(hostname)
cluster-preferred-endpoint-type hostname
CONF
# Nodes know each other by address. Whoever comes back tells the others his, so that the cluster finds together though all have moved.
if [ -s /data/nodes.conf ]; then
  (
    until redis-cli ping 2>/dev/null | grep -q PONG; do sleep 1; done
    for peer in ${caches.join(' ')}; do
      [ "$peer" != "$(hostname)" ] && at=$(address "$peer") && [ -n "$at" ] && redis-cli cluster meet "$at" ${REDIS_PORT} >/dev/null || true
    done
  ) &
fi
`;

/** Makes the cluster of the nodes, unless it is made. */
export const clusterInitScript = (deployment: Deployment): string => {
  const [first = ''] = deployment.caches;
  return `#!/bin/sh
${headline(deployment)}
# Makes a cluster of the nodes. Where there is one already it does nothing.
${OPENING}
slots() { redis-cli -h ${first} cluster info | grep -c 'cluster_slots_assigned:16384' || true; }
if [ "$(slots)" = 0 ]; then
  nodes=
  for host in ${deployment.caches.join(' ')}; do nodes="$nodes $(address "$host"):${REDIS_PORT}"; done
  redis-cli --cluster create $nodes --cluster-replicas 0 --cluster-yes
fi
tries=0
until redis-cli -h ${first} cluster info | grep -q 'cluster_state:ok'; do
  tries=$((tries + 1))
  [ "$tries" -lt 60 ] || { echo 'the nodes do not find together within a minute' >&2; exit 1; }
  sleep 1
done
echo 'the cluster is well'
`;
};
