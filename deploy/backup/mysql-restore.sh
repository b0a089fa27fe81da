#!/usr/bin/env bash
# mysql-restore.sh --host HOST --password-file FILE --from BACKUP [--binlogs FOLDER [--to-time TIME | --to-gtid GTIDS]]
#   Puts a full backup into an empty server, and what the binary logs have since then, up to a moment. Stop all of Nakku first.
#
#   --host HOST, --port 3306 (or --socket PATH)
#   --user root, --password-file FILE   or --option-file FILE, which has them in [client]
#   --ssl-ca FILE     who vouches for the server's certificate
#   --from BACKUP     a folder that mysql-backup.sh made
#   --binlogs FOLDER  the logs of one server, as mysql-binlog.sh keeps them (FOLDER/<server>)
#   --to-time TIME    without what happened at or after it: UTC, to the second, such as 2026-11-25T07:30:00Z
#   --to-gtid GTIDS   only these transactions: <server>:1-4711; on MariaDB up to this one: 0-1-4711
#   --force           drops databases of Nakku that the server has already
. "$(dirname "${BASH_SOURCE[0]}")/mysql.lib.sh"

FROM='' BINLOGS='' TO_TIME='' TO_GTID='' FORCE=
while [ $# -gt 0 ]; do
  case $1 in
    --help) usage; exit ;;
    --force) FORCE=1; shift; continue ;;
    --from) need "$@"; FROM=$2 ;;
    --binlogs) need "$@"; BINLOGS=$2 ;;
    --to-time) need "$@"; TO_TIME=$2 ;;
    --to-gtid) need "$@"; TO_GTID=$2 ;;
    *) need "$@"; option "$1" "$2" || die "there is no option $1 (--help)" ;;
  esac
  shift 2
done
[ -f "$FROM/backup.env" ] || die "--from must name a backup: a folder with a backup.env"
[ -z "$TO_TIME" ] || [[ $TO_TIME =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$ ]] || die "--to-time must look like 2026-11-25T07:30:00Z"
[ -z "$TO_GTID" ] || [[ $TO_GTID =~ ^[0-9A-Za-z:,-]{1,4000}$ ]] || die "--to-gtid must be a set of GTIDs"
[ -z "$TO_TIME" ] || [ -z "$TO_GTID" ] || die "--to-time and --to-gtid exclude each other"
[ -n "$BINLOGS" ] || [ -z "$TO_TIME$TO_GTID" ] || die "--to-time and --to-gtid need the --binlogs"
(cd "$FROM" && sha256sum --check --quiet --strict SHA256SUMS) || die "$FROM was changed since it was written: use another backup"
about() { value "$1" "$FROM/backup.env"; }
[ "$(about format)" = 1 ] || die "$FROM was made by another version of these scripts"
TAKEN=$(about taken_at) GTIDS=$(about gtids) FILE=$(about file)
[[ $GTIDS =~ ^[0-9A-Za-z:,-]+$ && $FILE =~ ^dump\.sql\.(gz|zst)$ ]] || die "$FROM/backup.env makes no sense"
[[ -z $TO_TIME || ! $TO_TIME < $TAKEN ]] || die "the backup is of $TAKEN, which is after $TO_TIME: take an older one"

login root
[ "$ENGINE" = "$(about engine)" ] || die "the backup is of $(about engine), but the server is $VERSION"
read -ra DATABASES <<<"$(about databases)"
for database in "${DATABASES[@]}"; do
  [[ $database =~ ^[A-Za-z0-9_]{1,64}$ ]] || die "$FROM/backup.env makes no sense"
  [ -n "$(query "SHOW DATABASES LIKE '${database//_/\\_}'")" ] || continue
  [ "$(query "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '$database'")" != 0 ] || continue
  [ -n "$FORCE" ] || die "the server has tables in $database: restore into an empty one, or --force drops them"
  query "DROP DATABASE \`$database\`"
done

# The logs are looked at before anything is written.
if [ -n "$BINLOGS" ]; then
  program "$BINLOG"
  mapfile -t LOGS < <(find "$BINLOGS" -maxdepth 1 -type f | grep -E '\.[0-9]{6,}$' | sort)
  [ ${#LOGS[@]} -gt 0 ] || die "$BINLOGS has no binary logs (name the folder of the server below it)"
  # Of the server that was backed up, those before the backup's are not needed.
  if [ "$(basename "$(realpath "$BINLOGS")")" = "$(about server)" ]; then
    mapfile -t LOGS < <(printf '%s\n' "${LOGS[@]}" | awk -v first="$BINLOGS/$(about log)" '$0 >= first')
    [ "${LOGS[0]##*/}" = "$(about log)" ] || die "$BINLOGS lacks $(about log), with which the backup begins"
  fi
  if [ "$ENGINE" = mysql ]; then
    before=$("$BINLOG" "${LOGS[0]}" 2>/dev/null | sed -n '/Previous-GTIDs/,/^# at/p' | sed -n 's/^# \([0-9a-f-]\{36\}:.*\)/\1/p' | tr -d ' \n' || true)
    [ "$(query "SELECT GTID_SUBSET('$before', '$GTIDS')")" = 1 ] ||
      die "${LOGS[0]} begins after the backup ends: the logs between are missing"
  fi
fi

case $FILE in *.zst) UNPACK=(zstd -dc) ;; *) UNPACK=(gzip -dc) ;; esac
say "the backup of $TAKEN, into $VERSION"
# mysqldump turns the binary log off for the load; replicas of this server need it in there.
"${UNPACK[@]}" "$FROM/$FILE" | sed '1,60{/^SET @@SESSION.SQL_LOG_BIN= 0;$/d}' | "${CLIENT[@]}" --binary-mode
if [ -n "$BINLOGS" ]; then
  if [ "$ENGINE" = mysql ]; then
    # The transactions get GTIDs of this server's own; those that the backup holds are left out.
    OPTIONS=(--skip-gtids "--exclude-gtids=$GTIDS")
    [ -z "$TO_GTID" ] || OPTIONS+=("--include-gtids=$TO_GTID")
  else
    OPTIONS=("--start-position=$GTIDS")
    [ -z "$TO_GTID" ] || OPTIONS+=("--stop-position=$TO_GTID")
  fi
  [ -z "$TO_TIME" ] || { time=${TO_TIME/T/ }; OPTIONS+=("--stop-datetime=${time%Z}"); }
  say "${#LOGS[@]} logs${TO_TIME:+, up to $TO_TIME}${TO_GTID:+, up to $TO_GTID}"
  "$BINLOG" "${OPTIONS[@]}" "${LOGS[@]}" | "${CLIENT[@]}" --binary-mode
fi

for database in "${DATABASES[@]}"; do
  mapfile -t TABLES < <(query "SELECT table_name FROM information_schema.tables WHERE table_schema = '$database' AND table_type = 'BASE TABLE' ORDER BY table_name")
  list=$(printf ",\`$database\`.\`%s\`" "${TABLES[@]}")
  bad=$(query "CHECK TABLE ${list:1}" | awk -F'\t' '$3 != "status" || $4 != "OK"')
  [ -z "$bad" ] || die "a table is not sound: $bad"
  say "$database: ${#TABLES[@]} tables, sound"
done
say "done. Before Nakku starts: docs/operations/backup.md, After a restore"
