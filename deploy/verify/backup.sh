#!/usr/bin/env bash
# about: the backup drill on MariaDB: a full backup, the log, a dropped table, another server brought up to the second before it
# needs: mariadb-dump mariadb-binlog
# order: 45
# backup.sh   What test/faults/mysql-restore.spec.ts does on MySQL, with MariaDB's programs. Starts two servers of tools/infra and removes them.
set -euo pipefail
case ${1:-} in --help | -h) sed -n '2,5p' "$0"; exit ;; esac
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
WORK=$(mktemp -d)
say() { printf '%(%H:%M:%S)T backup: %s\n' -1 "$*"; }
fail() { say "FAILED: $*" >&2; exit 1; }
STREAM=
clean() {
  [ -z "$STREAM" ] || kill "$STREAM" 2>/dev/null || true
  for at in source target; do "$ROOT/tools/infra/down.sh" -d "$WORK/$at" --purge >/dev/null 2>&1 || true; done
  rm -rf "$WORK"
}
trap clean EXIT

declare -A SOCKET
for at in source target; do
  bash "$ROOT/tools/infra/up.sh" -d "$WORK/$at" --random-ports --fast mariadb >/dev/null 2>&1 || fail "MariaDB does not start"
  SOCKET[$at]=$(sed -n "s/^export MARIADB_ROOT_SOCKET='\(.*\)'/\1/p" "$WORK/$at/env")
done
CLIENT=$(command -v mariadb || command -v mysql) || fail "there is no mariadb client on the PATH"
sql() { "$CLIENT" --no-defaults -uroot -S "${SOCKET[$1]}" -Ne "$2"; }

head -c 18 /dev/urandom | base64 | tr '+/' 'xy' >"$WORK/password"
sql source "CREATE DATABASE nakku_order; CREATE TABLE nakku_order.orders (id VARCHAR(36) PRIMARY KEY); INSERT INTO nakku_order.orders VALUES ('old');
  CREATE USER 'nakku_backup'@'%' IDENTIFIED BY '$(cat "$WORK/password")';
  GRANT RELOAD, REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO 'nakku_backup'@'%';
  GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON \`nakku\\_order\`.* TO 'nakku_backup'@'%';"
LOGIN=(--socket "${SOCKET[source]}" --password-file "$WORK/password")

backup=$("$ROOT/deploy/backup/mysql-backup.sh" "${LOGIN[@]}" --to "$WORK/backups" --keep 1)
"$ROOT/deploy/backup/mysql-binlog.sh" "${LOGIN[@]}" --to "$WORK/logs" & STREAM=$!
sql source "INSERT INTO nakku_order.orders VALUES ('before')"
moment=$(date -u -d '+1 second' +%Y-%m-%dT%H:%M:%SZ)
while [[ $(date -u +%Y-%m-%dT%H:%M:%SZ) < $moment ]]; do sleep 0.05; done
sql source "INSERT INTO nakku_order.orders VALUES ('after'); DROP TABLE nakku_order.orders"
for ((i = 0; ; i++)); do
  grep -rqs 'DROP TABLE' "$WORK/logs" && break
  [ $i -lt 200 ] || fail "the log was not copied within 20 s"
  sleep 0.1
done
"$ROOT/deploy/backup/mysql-restore.sh" --socket "${SOCKET[target]}" --from "$backup" --binlogs "$WORK"/logs/server-* --to-time "$moment"
ids=$(sql target 'SELECT id FROM nakku_order.orders ORDER BY id' | paste -sd' ')
[ "$ids" = 'before old' ] || fail "expected 'before old', but the restored table has '$ids'"
say "ok: what was written before $moment is there, what came after is not"
