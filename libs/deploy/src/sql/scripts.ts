import { headline } from '../artefact.js';
import { type DatabaseServer, type Deployment, MYSQL_PORT } from '../deployment.js';
import { REPLICATION_USER, SECRETS_FOLDER } from '../environment.js';
import { REPLICATION_PASSWORD, usersSql } from './users.js';

/** Where the image finds users.sql: in its own folder of scripts it would be run as it is. */
export const USERS_FILE = '/etc/nakku/users.sql';
export const ROOT_PASSWORD = 'mysql_root_password';
/** There once a script has run to its end. A server whose first start broke off in it comes up without users, or follows nobody. */
export const SET_UP = '/var/lib/mysql/nakku.set-up';
/** MySQL takes no longer one for replication. */
const LONGEST_PASSWORD = 32;

/** `mysql` of both images. */
export const MYSQL_UID = 999;

/** How the images of an engine are told what they need on an empty data folder. */
export function imageVariables({ engine }: Deployment): Record<string, string> {
  const prefix = engine === 'mariadb' ? 'MARIADB' : 'MYSQL';
  return {
    [`${prefix}_ROOT_PASSWORD_FILE`]: `${SECRETS_FOLDER}/${ROOT_PASSWORD}`,
    // Root signs in inside the container only.
    [`${prefix}_ROOT_HOST`]: 'localhost',
    // Times are UTC; and loading the zones would be a change that replicas do not have.
    [`${prefix}_INITDB_SKIP_TZINFO`]: '1',
  };
}

/** Asks by TCP, which the server of the first start does not listen on. Who is refused has had an answer. */
export const pingOf = ({ engine }: Deployment): string[] => [
  engine === 'mariadb' ? 'mariadb-admin' : 'mysqladmin',
  'ping',
  '--silent',
  '--host=127.0.0.1',
  '--user=ping',
];

/** The secrets of a primary: root's, and those of the users that users.sql makes. */
export function databaseSecrets(deployment: Deployment, server: DatabaseServer): string[] {
  const asked = [...usersSql(deployment, server).matchAll(/@([a-z0-9_]+_password)@/g)].map(([, name]) => name!);
  return [...new Set([ROOT_PASSWORD, ...asked])];
}

const clientOf = ({ engine }: Deployment): string => (engine === 'mariadb' ? 'mariadb' : 'mysql');

/** How both scripts read secrets and talk to the server beside them. No -u: an image that sources them would get it too. */
const opening = (deployment: Deployment): string => String.raw`set -eo pipefail
secrets=${'${SECRETS:-'}${SECRETS_FOLDER}}
secret() {
  [ -r "$secrets/$1" ] || { echo "there is no $secrets/$1: npx nakku secrets init" >&2; exit 1; }
  printf %s "$(<"$secrets/$1")"
}
quoted() { # as SQL writes it between quotes
  local value; value=$(secret "$1") || exit
  value=${'${value//\\\\/\\\\\\\\}'}
  printf %s "${"${value//\\'/\\'\\'}"}"
}
as_root() { ${clientOf(deployment)} --defaults-extra-file=<(printf '[client]\nuser=root\npassword="%s"\n' "$(secret ${ROOT_PASSWORD})") "$@"; }`;

/** Runs users.sql; for the image's `/docker-entrypoint-initdb.d`. */
export const usersScript = (deployment: Deployment, { host }: DatabaseServer): string => `#!/usr/bin/env bash
${headline(deployment)}
# Runs users.sql with the passwords of the secrets. The image does that once, on an empty data folder. Run again, it changes the passwords that
# have changed and adds the users of new services:
#   docker compose exec ${host} /docker-entrypoint-initdb.d/10-users.sh
# For a server of your own, in this folder, as somebody who may create databases and users there:
#   PRINT=1 SECRETS=../../../../secrets ./10-users.sh | ${clientOf(deployment)} -h HOST -u ADMIN -p
${opening(deployment)}

file=${USERS_FILE}
[ -z "$PRINT" ] || file=$(dirname "\${BASH_SOURCE[0]}")/users.sql
sql=$(<"$file")
while [[ $sql =~ @([a-z0-9_]+_password)@ ]]; do
  placeholder=\${BASH_REMATCH[0]}
  value=$(quoted "\${BASH_REMATCH[1]}")
  sql=\${sql//"$placeholder"/"$value"}
done
if [ -n "$PRINT" ]; then
  printf '%s\\n' "$sql"
else
  as_root <<<"$sql"
  touch ${SET_UP}
fi
`;

/** Makes a server a copy of another; for the image's `/docker-entrypoint-initdb.d`. */
export const replicaScript = (
  deployment: Deployment,
  { host }: DatabaseServer,
  replica: string,
): string => `#!/usr/bin/env bash
${headline(deployment)}
# Makes this server a copy of ${host}. The image runs it once, on an empty data folder; from then on replication starts with the server.
# A new replica needs every change since ${host} was made, and those are kept for a week. Later, restore a backup of ${host}
# into it first. After that, and when the replication user's password has changed:
#   docker compose exec ${replica} /docker-entrypoint-initdb.d/10-replica.sh
${opening(deployment)}

password=$(quoted ${REPLICATION_PASSWORD})
[ \${#password} -le ${LONGEST_PASSWORD} ] || { echo '${REPLICATION_PASSWORD} may have ${LONGEST_PASSWORD} characters at most' >&2; exit 1; }
databases=$(as_root -N -e "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name LIKE 'nakku%'")
# What an empty server has in its log is how it was made, and no change of ${host}.
[ "$databases" != 0 ] || as_root -e '${deployment.engine === 'mariadb' ? 'RESET MASTER' : 'RESET BINARY LOGS AND GTIDS'}'
as_root <<SQL
${(deployment.engine === 'mariadb' ? followMariadb : followMysql)(host)}
SQL
touch ${SET_UP}
`;

/** MySQL makes certificates for itself: the password and the data go encrypted. It tries for ever to reach the primary. */
const followMysql = (host: string): string => `STOP REPLICA;
CHANGE REPLICATION SOURCE TO
  SOURCE_HOST = '${host}', SOURCE_PORT = ${MYSQL_PORT}, SOURCE_USER = '${REPLICATION_USER}', SOURCE_PASSWORD = '$password',
  SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1, GET_SOURCE_PUBLIC_KEY = 1, SOURCE_CONNECT_RETRY = 2, SOURCE_RETRY_COUNT = 0;
START REPLICA;
-- Not even an administrator writes here by mistake. Not in my.cnf, where it would forbid the server's own first start.
SET PERSIST super_read_only = ON;`;

const followMariadb = (host: string): string => `STOP SLAVE;
CHANGE MASTER TO
  MASTER_HOST = '${host}', MASTER_PORT = ${MYSQL_PORT}, MASTER_USER = '${REPLICATION_USER}', MASTER_PASSWORD = '$password',
  MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 2;
START SLAVE;`;
