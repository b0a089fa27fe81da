#!/bin/bash
# What the official image of MariaDB does at its start, as far as a deployment of Nakku relies on it.
set -eo pipefail
shopt -s nullglob
SOCKET=/run/mysqld/mysqld.sock

note() { echo "$(date --rfc-3339=seconds) [Note] [Entrypoint]: $*"; }
fail() { echo "$(date --rfc-3339=seconds) [ERROR] [Entrypoint]: $*" >&2; exit 1; }

# from_file NAME [DEFAULT]: MARIADB_NAME or MYSQL_NAME, or what stands in the file that one with _FILE names.
from_file() {
  local prefix name value=${2:-}
  for prefix in MYSQL MARIADB; do
    name=${prefix}_$1
    [ -z "${!name:-}" ] || value=${!name}
    name=${name}_FILE
    [ -z "${!name:-}" ] || value=$(<"${!name}")
    unset "$name"
  done
  export "MARIADB_$1=$value"
}

docker_process_sql() {
  [ "${1:-}" != --dont-use-mysql-root-password ] || { shift; mariadb --protocol=socket -uroot --socket="$SOCKET" "$@"; return; }
  MYSQL_PWD=$MARIADB_ROOT_PASSWORD mariadb --protocol=socket -uroot --socket="$SOCKET" ${MARIADB_DATABASE:+--database="$MARIADB_DATABASE"} "$@"
}

set_up() {
  local remote=
  [ "$MARIADB_ROOT_HOST" = localhost ] || remote="CREATE USER 'root'@'$MARIADB_ROOT_HOST' IDENTIFIED BY '$MARIADB_ROOT_PASSWORD';
    GRANT ALL ON *.* TO 'root'@'$MARIADB_ROOT_HOST' WITH GRANT OPTION;"
  docker_process_sql --dont-use-mysql-root-password --database=mysql <<SQL
    SET @@SESSION.SQL_LOG_BIN = 0;
    DELETE FROM mysql.global_priv WHERE user = '' OR (user = 'root' AND host <> 'localhost');
    FLUSH PRIVILEGES;
    SET PASSWORD FOR 'root'@'localhost' = PASSWORD('$MARIADB_ROOT_PASSWORD');
    $remote
    DROP DATABASE IF EXISTS test;
SQL
  [ -z "$MARIADB_DATABASE" ] || MARIADB_DATABASE='' docker_process_sql <<<"CREATE DATABASE IF NOT EXISTS \`$MARIADB_DATABASE\`"
  [ -z "$MARIADB_USER" ] || docker_process_sql <<<"CREATE USER '$MARIADB_USER'@'%' IDENTIFIED BY '$MARIADB_PASSWORD';
    GRANT ALL ON \`${MARIADB_DATABASE//_/\\_}\`.* TO '$MARIADB_USER'@'%'"
}

run_scripts() {
  local file
  for file; do
    case $file in
      *.sh)
        note "running $file"
        # shellcheck disable=SC1090  # whatever a deployment has put there
        if [ -x "$file" ]; then "$file"; else . "$file"; fi
        ;;
      *.sql) note "running $file"; docker_process_sql <"$file" ;;
      *.sql.gz) note "running $file"; gunzip -c "$file" | docker_process_sql ;;
      *) note "ignoring $file" ;;
    esac
  done
}

first_start() {
  [ -n "$MARIADB_ROOT_PASSWORD$MARIADB_ALLOW_EMPTY_ROOT_PASSWORD" ] || fail 'Database is uninitialized and password option is not specified: MARIADB_ROOT_PASSWORD'
  note 'Initializing database files'
  mariadb-install-db --datadir=/var/lib/mysql --auth-root-authentication-method=normal --skip-test-db --skip-log-bin >/dev/null
  "$@" --skip-networking --default-time-zone=SYSTEM --socket="$SOCKET" --skip-slave-start &
  local server=$! tries=0
  until docker_process_sql --dont-use-mysql-root-password -e 'select 1' &>/dev/null; do
    if [ $((++tries)) -gt 120 ] || ! kill -0 "$server" 2>/dev/null; then fail 'Unable to start server.'; fi
    sleep 0.5
  done
  note 'Temporary server started.'
  set_up
  run_scripts /docker-entrypoint-initdb.d/*
  kill "$server"
  wait "$server"
  note 'MariaDB init process done. Ready for start up.'
}

[ "${1:0:1}" != - ] || set -- mariadbd "$@"
if { [ "$1" = mariadbd ] || [ "$1" = mysqld ]; } && [[ " $* " != *' --help '* && " $* " != *' --version '* ]]; then
  from_file ROOT_HOST %
  for name in DATABASE USER PASSWORD ROOT_PASSWORD ALLOW_EMPTY_ROOT_PASSWORD; do from_file "$name"; done
  if [ "$(id -u)" = 0 ]; then
    find /var/lib/mysql /run/mysqld ! -user mysql -exec chown --no-dereference mysql {} +
    exec setpriv --reuid=mysql --regid=mysql --clear-groups "$0" "$@"
  fi
  [ -d /var/lib/mysql/mysql ] || first_start "$@"
fi
exec "$@"
