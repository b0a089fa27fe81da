#!/usr/bin/env bash
# mysql-backup.sh --host HOST --password-file FILE --to FOLDER [--keep COUNT]
#   A full backup of all Nakku databases of one MySQL or MariaDB server, as they are at one instant, into FOLDER/nakku-<time>.
#   The server may run; writers wait for some milliseconds. Where there is a replica, name it as the host: it has the same transactions.
#
#   --host HOST, --port 3306 (or --socket PATH)
#   --user nakku_backup, --password-file FILE   or --option-file FILE, which has them in [client]
#   --ssl-ca FILE       who vouches for the server's certificate
#   --to FOLDER         the folder of this server's backups
#   --keep COUNT        how many stay there, this one included (default: all)
#   --prefix nakku      the databases are those named <prefix>_...
. "$(dirname "${BASH_SOURCE[0]}")/mysql.lib.sh"

TO='' KEEP=''
while [ $# -gt 0 ]; do
  case $1 in
    --help) usage; exit ;;
    --to) need "$@"; TO=$2 ;;
    --keep) need "$@"; [[ $2 =~ ^[1-9][0-9]{0,4}$ ]] || die "--keep must be a whole number from 1"; KEEP=$2 ;;
    --prefix) need "$@"; prefix "$2" ;;
    *) need "$@"; option "$1" "$2" || die "there is no option $1 (--help)" ;;
  esac
  shift 2
done
[ -n "$TO" ] || die "--to must name the folder of the backups"
login nakku_backup
program "$DUMP"
mapfile -t DATABASES < <(databases)
[ ${#DATABASES[@]} -gt 0 ] || die "the server has no database named ${PREFIX}_..., or this user may not see them"

TAKEN=$(query "SELECT DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%dT%H:%i:%SZ')")
STAMP=${TAKEN//[-:]/}
BACKUP=$TO/nakku-$STAMP
mkdir -p "$TO"
[ ! -e "$BACKUP" ] || die "$BACKUP was made in this same second: wait for the next"
PARTIAL=$TO/.partial-$STAMP-$$
mkdir "$PARTIAL"
trap 'rm -rf "$WORK" "$PARTIAL"' EXIT

if has zstd; then PACK=(zstd -q -3) UNPACK=(zstd -dc) END=zst; else PACK=(gzip -6) UNPACK=(gzip -dc) END=gz; fi
FILE=dump.sql.$END
# One transaction for all databases; the log's position is read under the same short global lock.
OPTIONS=(--single-transaction --quick --no-tablespaces --triggers --hex-blob --default-character-set=utf8mb4 --dump-date)
if [ "$ENGINE" = mysql ]; then OPTIONS+=(--source-data=2 --set-gtid-purged=COMMENTED --column-statistics=0)
else OPTIONS+=(--master-data=2 --gtid); fi
# Newer ones dump these too, for which they read a system table; Nakku has none.
[[ $("$DUMP" --no-defaults --help) != *--masking-policies* ]] || OPTIONS+=(--skip-masking-policies)
say "$VERSION: ${#DATABASES[@]} databases"
"$DUMP" "--defaults-file=$WORK/login.cnf" "${OPTIONS[@]}" --databases "${DATABASES[@]}" | "${PACK[@]}" >"$PARTIAL/$FILE"
# What was cut off has no last line, and an archive that is broken cannot be read to it.
"${UNPACK[@]}" "$PARTIAL/$FILE" | tail -n 1 | grep -q '^-- Dump completed' || die "the dump has no end: is the disk full?"

head_of_dump() { "${UNPACK[@]}" "$PARTIAL/$FILE" 2>/dev/null | head -n 200 || true; }
if [ "$ENGINE" = mysql ]; then
  GTIDS=$(head_of_dump | tr -d '\n' | sed 's/.*GTID_PURGED=//' | { grep -oE "'\+?[0-9a-f-]{36}:[^']*'" || true; } | head -n 1 | tr -d "'+ ")
else
  GTIDS=$(head_of_dump | sed -n "s/.*gtid_slave_pos='\([^']*\)'.*/\1/p")
fi
LOG=$(head_of_dump | sed -n "s/.*_LOG_FILE='\([^']*\)'.*/\1/p" | head -n 1)
[ -n "$GTIDS" ] || die "the dump does not say which transactions it holds: has the server a binary log with GTIDs?"
{
  printf 'format=1\nengine=%s\nversion=%s\ntaken_at=%s\n' "$ENGINE" "$VERSION" "$TAKEN"
  printf 'server=%s\nlog=%s\ngtids=%s\nfile=%s\ndatabases=%s\n' "$(server_name)" "$LOG" "$GTIDS" "$FILE" "${DATABASES[*]}"
} >"$PARTIAL/backup.env"
(cd "$PARTIAL" && sha256sum "$FILE" backup.env >SHA256SUMS)
sync "$PARTIAL"/* "$PARTIAL"
mv "$PARTIAL" "$BACKUP"
say "$(du -h "$BACKUP/$FILE" | cut -f1) in $BACKUP"
if [ -n "$KEEP" ]; then
  find "$TO" -maxdepth 1 -type d -name 'nakku-*Z' | sort | head -n "-$KEEP" | while read -r old; do
    rm -rf "$old"
    say "removed $old"
  done
fi
echo "$BACKUP"
