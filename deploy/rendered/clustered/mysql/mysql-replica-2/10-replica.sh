#!/usr/bin/env bash
# Rendered from deploy/topologies/clustered.yaml by `npx nakku topology render`. Change that, not this.
# Makes this server a copy of mysql-primary. The image runs it once, on an empty data folder; from then on replication starts with the server.
# A new replica needs every change since mysql-primary was made, and those are kept for a week. Later, restore a backup of mysql-primary
# into it first. After that, and when the replication user's password has changed:
#   docker compose exec mysql-replica-2 /docker-entrypoint-initdb.d/10-replica.sh
set -eo pipefail
secrets=${SECRETS:-/run/secrets}
secret() {
  [ -r "$secrets/$1" ] || { echo "there is no $secrets/$1: npx nakku secrets init" >&2; exit 1; }
  printf %s "$(<"$secrets/$1")"
}
quoted() { # as SQL writes it between quotes
  local value; value=$(secret "$1") || exit
  value=${value//\\/\\\\}
  printf %s "${value//\'/\'\'}"
}
as_root() { mysql --defaults-extra-file=<(printf '[client]\nuser=root\npassword="%s"\n' "$(secret mysql_root_password)") "$@"; }

password=$(quoted replication_db_password)
[ ${#password} -le 32 ] || { echo 'replication_db_password may have 32 characters at most' >&2; exit 1; }
databases=$(as_root -N -e "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name LIKE 'nakku%'")
# What an empty server has in its log is how it was made, and no change of mysql-primary.
[ "$databases" != 0 ] || as_root -e 'RESET BINARY LOGS AND GTIDS'
as_root <<SQL
STOP REPLICA;
CHANGE REPLICATION SOURCE TO
  SOURCE_HOST = 'mysql-primary', SOURCE_PORT = 3306, SOURCE_USER = 'nakku_replication', SOURCE_PASSWORD = '$password',
  SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1, GET_SOURCE_PUBLIC_KEY = 1, SOURCE_CONNECT_RETRY = 2, SOURCE_RETRY_COUNT = 0;
START REPLICA;
-- Not even an administrator writes here by mistake. Not in my.cnf, where it would forbid the server's own first start.
SET PERSIST super_read_only = ON;
SQL
touch /var/lib/mysql/nakku.set-up
