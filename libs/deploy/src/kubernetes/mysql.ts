import { createHash } from 'node:crypto';
import { type DatabaseServer, type Deployment, MYSQL_PORT, twice } from '../deployment.js';
import { serverConfig } from '../sql/my-cnf.js';
import {
  databaseSecrets,
  imageVariables,
  MYSQL_UID,
  pingOf,
  replicaScript,
  SET_UP,
  USERS_FILE,
  usersScript,
} from '../sql/scripts.js';
import { databaseResources } from '../sql/sizes.js';
import { usersSql } from '../sql/users.js';
import type { Manifest } from './manifest.js';
import { imageOf, secretOf, setOf } from './names.js';
import * as pod from './pod.js';
import { commandProbes, filesOf, filesVolume, inCluster, serverImage, serverSet } from './stateful.js';

const FILES = '/etc/nakku';
const CONFIG = '/etc/mysql/conf.d';
const SCRIPTS = '/docker-entrypoint-initdb.d';
const SCRIPT = '10-nakku.sh';

/** A server and its replicas as one set: its first pod is the primary, and the others follow it by GTID. */
export function databaseManifests(deployment: Deployment, server: DatabaseServer): Manifest[] {
  const name = setOf(server);
  const files = filesFor(deployment, server);
  const requests = databaseResources(server);
  const env = Object.entries(imageVariables(deployment)).map(([variable, value]) => ({ name: variable, value }));
  const image = serverImage(imageOf(deployment.engine ?? 'mysql'));
  const set = serverSet({
    name,
    component: 'database',
    hosts: [server.host, ...server.replicas],
    firstOrdinal: 0,
    uid: MYSQL_UID,
    ports: [{ name: 'mysql', port: MYSQL_PORT }],
    data: '/var/lib/mysql',
    branch: 'mysql',
    storage: '20Gi',
    resources: { requests, limits: twice(requests) },
    // A replica needs no ready primary to begin with: it asks until there is one.
    parallel: true,
    foundBeforeReady: false,
    annotations: { 'checksum/files': createHash('sha256').update(JSON.stringify(files)).digest('hex') },
    initContainers: [
      {
        name: 'role',
        ...image,
        command: ['sh', '-c', roleScript(server)],
        volumeMounts: [pod.mount('files', FILES), pod.mount('config', '/config'), pod.mount('scripts', '/scripts')],
      },
    ],
    container: { ...image, env, ...commandProbes(pingOf(deployment), 600, ready(deployment)) },
    volumes: [
      // Whatever its users need: a replica's pods are of the same kind as the primary's.
      pod.secretFiles(secretOf(name), databaseSecrets(deployment, server)),
      filesVolume(name),
      ...['config', 'scripts', 'run'].map((volume) => pod.scratch(volume)),
    ],
    mounts: [
      pod.SECRETS_MOUNT,
      pod.mount('files', FILES, { readOnly: true }),
      pod.mount('config', CONFIG, { readOnly: true }),
      pod.mount('scripts', SCRIPTS, { readOnly: true }),
      pod.mount('run', '/var/run/mysqld'),
    ],
  });
  return [filesOf(name, 'database', files, inCluster('mysql')), ...set];
}

function filesFor(deployment: Deployment, server: DatabaseServer): Record<string, string> {
  const replicas = server.replicas.flatMap((host) => [
    [`${host}.cnf`, serverConfig(deployment, server, host)],
    [`${host}.sh`, replicaScript(deployment, server, host)],
  ]);
  return {
    [USERS_FILE.slice(FILES.length + 1)]: usersSql(deployment, server),
    [`${server.host}.cnf`]: serverConfig(deployment, server),
    [`${server.host}.sh`]: usersScript(deployment, server),
    ...(Object.fromEntries(replicas) as Record<string, string>),
  };
}

/** Which of the hosts a pod is, its number says. */
const roleScript = ({ host, replicas }: DatabaseServer): string => `set -eu
set -- ${[host, ...replicas].join(' ')}
shift "\${HOSTNAME##*-}"
cp -f "${FILES}/$1.cnf" /config/nakku.cnf
cp -f "${FILES}/$1.sh" /scripts/${SCRIPT}
chmod 755 /scripts/${SCRIPT}
`;

/** Serves: its users are there, or it follows. */
const ready = (deployment: Deployment): string[] => [
  'sh',
  '-c',
  `[ -f ${SET_UP} ] || { echo "${SCRIPTS}/${SCRIPT} has not run to its end: see the log, and run it again"; exit 1; }; ${pingOf(deployment).join(' ')}`,
];
