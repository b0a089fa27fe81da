import { clusterInitScript, REDIS_PASSWORD, REDIS_UID, startScript } from '../compose/redis.js';
import { type Deployment, REDIS_BUS_PORT, REDIS_PORT } from '../deployment.js';
import { SECRETS_FOLDER } from '../environment.js';
import { once } from './jobs.js';
import type { Manifest } from './manifest.js';
import { imageOf, REDIS_CLUSTER, secretOf } from './names.js';
import * as pod from './pod.js';
import { commandProbes, filesOf, filesVolume, inCluster, serverImage, serverSet } from './stateful.js';
import { account } from './workload.js';

export const REDIS = 'redis';
const FILES = '/etc/nakku';

const PING = `REDISCLI_AUTH=$(cat ${SECRETS_FOLDER}/${REDIS_PASSWORD}) redis-cli ping | grep -q PONG`;

/** The nodes, and the job that makes a cluster of them. */
export function cacheManifests(deployment: Deployment): Manifest[] {
  const { caches, redisMode } = deployment;
  const cluster = redisMode === 'cluster';
  const when = inCluster(REDIS);
  const files = {
    'start.sh': startScript(deployment),
    ...(cluster && { 'cluster-init.sh': clusterInitScript(deployment) }),
  };
  const secret = pod.secretFiles(secretOf(REDIS), [REDIS_PASSWORD]);
  const mounts = [pod.SECRETS_MOUNT, pod.mount('files', FILES, { readOnly: true })];
  const volumes = [secret, filesVolume(REDIS)];
  const set = serverSet({
    name: REDIS,
    component: 'cache',
    hosts: caches,
    firstOrdinal: cluster ? 1 : 0,
    uid: REDIS_UID,
    ports: [{ name: 'redis', port: REDIS_PORT }, ...(cluster ? [{ name: 'bus', port: REDIS_BUS_PORT }] : [])],
    data: '/data',
    branch: REDIS,
    storage: '2Gi',
    resources: { requests: { memoryMb: 384, cpu: 0.25 }, limits: { memoryMb: 512, cpu: 1 } },
    parallel: true,
    foundBeforeReady: true,
    container: {
      ...serverImage(imageOf('redis')),
      command: ['sh', `${FILES}/start.sh`],
      ...commandProbes(['sh', '-c', PING], 60),
    },
    volumes,
    mounts,
  });
  const init = once(
    REDIS_CLUSTER,
    REDIS_UID,
    {
      ...serverImage(imageOf('redis')),
      command: ['sh', `${FILES}/cluster-init.sh`],
      volumeMounts: [pod.TMP_MOUNT, ...mounts],
    },
    volumes,
  );
  return [
    filesOf(REDIS, 'cache', files, when),
    ...set,
    ...(cluster ? [account(REDIS_CLUSTER, 'job'), init].map((object) => ({ object, when })) : []),
  ];
}
