import type { DatabaseServer, Deployment } from '../deployment.js';
import { IMAGES } from '../images.js';
import {
  databaseSecrets,
  imageVariables,
  MYSQL_UID,
  pingOf,
  ROOT_PASSWORD,
  SET_UP,
  USERS_FILE,
} from '../sql/scripts.js';
import { databaseResources } from '../sql/sizes.js';
import { REPLICATION_PASSWORD } from '../sql/users.js';
import { check, HARDENED, files, resourcesOf, scratch, type Service, type Services } from './service.js';

const SCRIPTS = '/docker-entrypoint-initdb.d';

/** Every server with its replicas. */
export const databaseServices = (deployment: Deployment): Services =>
  Object.fromEntries(
    deployment.databases.flatMap((server) => [
      [server.host, primary(deployment, server)] as const,
      ...server.replicas.map((replica) => [replica, replicaOf(deployment, server, replica)] as const),
    ]),
  );

function primary(deployment: Deployment, server: DatabaseServer): Service {
  const { host } = server;
  return {
    ...common(deployment, server, host),
    secrets: databaseSecrets(deployment, server),
    volumes: [
      ...mounted(host),
      `./mysql/${host}/users.sql:${USERS_FILE}:ro`,
      `./mysql/${host}/10-users.sh:${SCRIPTS}/10-users.sh:ro`,
    ],
  };
}

/** A replica waits for its primary by itself, whenever that comes. */
const replicaOf = (deployment: Deployment, server: DatabaseServer, replica: string): Service => ({
  ...common(deployment, server, replica),
  secrets: [ROOT_PASSWORD, REPLICATION_PASSWORD],
  volumes: [...mounted(replica), `./mysql/${replica}/10-replica.sh:${SCRIPTS}/10-replica.sh:ro`],
  depends_on: { [server.host]: { condition: 'service_healthy' } },
});

const mounted = (host: string): string[] => [
  `${host}:/var/lib/mysql`,
  `./mysql/${host}/my.cnf:/etc/mysql/conf.d/nakku.cnf:ro`,
];

function common(deployment: Deployment, server: DatabaseServer, host: string): Service {
  return {
    image: IMAGES[deployment.engine ?? 'mysql'],
    '<<': HARDENED,
    hostname: host,
    user: `${MYSQL_UID}:${MYSQL_UID}`,
    environment: imageVariables(deployment),
    tmpfs: scratch(MYSQL_UID, '/run/mysqld'),
    networks: ['data'],
    healthcheck: check(['CMD', 'sh', '-c', healthOf(deployment)], '120s', 5),
    ulimits: files(),
    stop_grace_period: '60s',
    deploy: { resources: resourcesOf(databaseResources(server), undefined, 4096) },
  };
}

/** Set up, and answering. */
function healthOf(deployment: Deployment): string {
  const told = `its script of ${SCRIPTS} has not run to its end: see the log, and run it again`;
  return `[ -f ${SET_UP} ] || { echo "${told}"; exit 1; }; ${pingOf(deployment).join(' ')}`;
}
