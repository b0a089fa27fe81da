#!/usr/bin/env bash
# Rendered from deploy/topologies/service-per-server.yaml by `npx nakku topology render`. Change that, not this.
# Runs users.sql with the passwords of the secrets. The image does that once, on an empty data folder. Run again, it changes the passwords that
# have changed and adds the users of new services:
#   docker compose exec mysql-order /docker-entrypoint-initdb.d/10-users.sh
# For a server of your own, in this folder, as somebody who may create databases and users there:
#   PRINT=1 SECRETS=../../../../secrets ./10-users.sh | mysql -h HOST -u ADMIN -p
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

file=/etc/nakku/users.sql
[ -z "$PRINT" ] || file=$(dirname "${BASH_SOURCE[0]}")/users.sql
sql=$(<"$file")
while [[ $sql =~ @([a-z0-9_]+_password)@ ]]; do
  placeholder=${BASH_REMATCH[0]}
  value=$(quoted "${BASH_REMATCH[1]}")
  sql=${sql//"$placeholder"/"$value"}
done
if [ -n "$PRINT" ]; then
  printf '%s\n' "$sql"
else
  as_root <<<"$sql"
  touch /var/lib/mysql/nakku.set-up
fi
