#!/usr/bin/env bash
# mysql-binlog.sh --host HOST --password-file FILE --to FOLDER [--keep-days DAYS] [--once]
#   Copies a server's binary log as it is written, into FOLDER/<server>: with it a full backup can be brought up to any moment since.
#   Runs until it is stopped, and connects again when the server was away. The primary is best: it has every transaction first.
#
#   --host HOST, --port 3306 (or --socket PATH)
#   --user nakku_backup, --password-file FILE   or --option-file FILE, which has them in [client]
#   --ssl-ca FILE       who vouches for the server's certificate
#   --to FOLDER         where logs go, a folder for each server
#   --keep-days DAYS    removes logs that were not written to for so long (default: none are removed)
#   --server-id 987654  must be no other's who copies from that server
#   --once              copies what there is, and ends
. "$(dirname "${BASH_SOURCE[0]}")/mysql.lib.sh"

TO='' KEEP_DAYS='' ID=987654 ONCE=
while [ $# -gt 0 ]; do
  case $1 in
    --help) usage; exit ;;
    --once) ONCE=1; shift; continue ;;
    --to) need "$@"; TO=$2 ;;
    --keep-days) need "$@"; [[ $2 =~ ^[1-9][0-9]{0,4}$ ]] || die "--keep-days must be a whole number from 1"; KEEP_DAYS=$2 ;;
    --server-id) need "$@"; [[ $2 =~ ^[1-9][0-9]{0,8}$ ]] || die "--server-id must be a whole number from 1"; ID=$2 ;;
    *) need "$@"; option "$1" "$2" || die "there is no option $1 (--help)" ;;
  esac
  shift 2
done
[ -n "$TO" ] || die "--to must name the folder of the logs"
login nakku_backup
program "$BINLOG"
LOGS=$TO/$(server_name)
mkdir -p "$LOGS"

# The log to go on with: the last that we have (it is fetched anew, whole), else the first that the server has.
first() {
  local last on_server
  on_server=$(query 'SHOW BINARY LOGS' | cut -f1) || return 1
  last=$(find "$LOGS" -type f -printf '%f\n' | grep -E '\.[0-9]{6,}$' | sort | tail -n 1 || true)
  [ -n "$last" ] || { head -n 1 <<<"$on_server"; return; }
  grep -qxF "$last" <<<"$on_server" || {
    say "the server no longer has $last: there is a gap. Make a full backup now, move $LOGS away and start again"
    return 3
  }
  echo "$last"
}

OPTIONS=(--read-from-remote-server --raw "--result-file=$LOGS/")
if [ -n "$ONCE" ]; then OPTIONS+=(--to-last-log)
elif [ "$ENGINE" = mysql ]; then OPTIONS+=(--stop-never "--connection-server-id=$ID")
else OPTIONS+=(--stop-never "--stop-never-slave-server-id=$ID"); fi

CHILD=
stop() { [ -z "$CHILD" ] || kill "$CHILD" 2>/dev/null || true; say stopped; exit 0; }
trap stop TERM INT
while :; do
  status=0
  log=$(first) || status=$?
  [ "$status" != 3 ] || exit 3
  if [ "$status" = 0 ]; then
    say "from $log on, into $LOGS"
    "$BINLOG" "--defaults-file=$WORK/login.cnf" "${OPTIONS[@]}" "$log" &
    CHILD=$!
    wait "$CHILD" || status=$?
    CHILD=
  fi
  [ -z "$KEEP_DAYS" ] || find "$LOGS" -type f -mtime "+$KEEP_DAYS" -delete
  [ -z "$ONCE" ] || exit "$status"
  say "the connection is lost: again in 5 s"
  sleep 5 &
  wait $!
done
