#!/bin/bash
# What the official image of MySQL does at its start, as far as a deployment of Nakku relies on it.
set -eo pipefail
shopt -s nullglob
SOCKET=/var/run/mysqld/mysqld.sock

note() { echo "$(date --rfc-3339=seconds) [Note] [Entrypoint]: $*"; }
fail() { echo "$(date --rfc-3339=seconds) [ERROR] [Entrypoint]: $*" >&2; exit 1; }

# from_file NAME [DEFAULT]: NAME, or what stands in the file that NAME_FILE names.
from_file() {
  local file=${1}_FILE
  [ -z "${!1:-}" ] || [ -z "${!file:-}" ] || fail "Both $1 and $file are set (but are exclusive)"
  if [ -n "${!file:-}" ]; then export "$1=$(<"${!file}")"; else export "$1=${!1:-${2:-}}"; fi
  unset "$file"
}

password_file() { [ "$1" = without ] || [ -z "$MYSQL_ROOT_PASSWORD" ] || printf '[client]\nuser=root\npassword="%s"\n' "$MYSQL_ROOT_PASSWORD"; }

docker_process_sql() {
  local how=with
  [ "${1:-}" != --dont-use-mysql-root-password ] || { how=without; shift; }
  [ -z "$MYSQL_DATABASE" ] || set -- --database="$MYSQL_DATABASE" "$@"
  mysql --defaults-extra-file=<(password_file "$how") --protocol=socket -uroot -hlocalhost --socket="$SOCKET" --comments "$@"
}

set_up() {
  local remote=
  [ "$MYSQL_ROOT_HOST" = localhost ] || remote="CREATE USER 'root'@'$MYSQL_ROOT_HOST' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';
    GRANT ALL ON *.* TO 'root'@'$MYSQL_ROOT_HOST' WITH GRANT OPTION;"
  MYSQL_DATABASE='' docker_process_sql --dont-use-mysql-root-password --database=mysql <<SQL
    SET autocommit = 1;
    SET @@SESSION.SQL_LOG_BIN = 0;
    ALTER USER 'root'@'localhost' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';
    $remote
SQL
  [ -z "$MYSQL_DATABASE" ] || docker_process_sql --database=mysql <<<"CREATE DATABASE IF NOT EXISTS \`$MYSQL_DATABASE\`"
  if [ -n "$MYSQL_USER" ] && [ -n "$MYSQL_PASSWORD" ]; then
    docker_process_sql --database=mysql <<<"CREATE USER '$MYSQL_USER'@'%' IDENTIFIED BY '$MYSQL_PASSWORD'"
    [ -z "$MYSQL_DATABASE" ] || docker_process_sql --database=mysql <<<"GRANT ALL ON \`${MYSQL_DATABASE//_/\\_}\`.* TO '$MYSQL_USER'@'%'"
  fi
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
  [ -n "$MYSQL_ROOT_PASSWORD$MYSQL_ALLOW_EMPTY_PASSWORD" ] || fail 'Database is uninitialized and password option is not specified: MYSQL_ROOT_PASSWORD, MYSQL_ALLOW_EMPTY_PASSWORD'
  ls /docker-entrypoint-initdb.d/ >/dev/null
  note 'Initializing database files'
  "$@" --initialize-insecure --default-time-zone=SYSTEM
  "$@" --daemonize --skip-networking --default-time-zone=SYSTEM --socket="$SOCKET" || fail 'Unable to start server.'
  note 'Temporary server started.'
  set_up
  run_scripts /docker-entrypoint-initdb.d/*
  mysqladmin --defaults-extra-file=<(password_file with) -uroot shutdown --socket="$SOCKET" || fail 'Unable to shut down server.'
  note 'MySQL init process done. Ready for start up.'
}

[ "${1:0:1}" != - ] || set -- mysqld "$@"
if [ "$1" = mysqld ] && [[ " $* " != *' --help '* && " $* " != *' --version '* ]]; then
  errors=$("$@" --verbose --help --log-bin-index="$(mktemp -u)" 2>&1 >/dev/null) || fail "mysqld failed while attempting to check config: $errors"
  from_file MYSQL_ROOT_HOST %
  for name in MYSQL_DATABASE MYSQL_USER MYSQL_PASSWORD MYSQL_ROOT_PASSWORD; do from_file "$name"; done
  if [ "$(id -u)" = 0 ]; then
    mkdir -p /var/run/mysqld
    find /var/lib/mysql /var/run/mysqld /var/lib/mysql-files ! -user mysql -exec chown --no-dereference mysql {} +
    exec setpriv --reuid=mysql --regid=mysql --clear-groups "$0" "$@"
  fi
  [ -d /var/lib/mysql/mysql ] || first_start "$@"
fi
exec "$@"
