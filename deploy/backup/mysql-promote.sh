#!/usr/bin/env bash
# mysql-promote.sh --file COMPOSE_FILE [--primary NAME] [--replica NAME]   puts a replica's data in the place of a primary that is lost for good
#   --file      the compose file of the deployment, e.g. deploy/rendered/clustered/docker-compose.prod.yml
#   --primary   the service that is lost (default: mysql-primary); it must be stopped, so that it cannot come back beside its successor
#   --replica   the one whose data are taken (default: the one that has most); refused where another has more
# The name of the primary stays, so no other service is told anything: its container starts anew with a copy of the replica's data, and the
# replicas follow it as before. What its volume held is kept in another, whose name is printed. It needs room for one more copy of the data.
# Commits that no replica had are lost: none that was acknowledged while one was there (semi-synchronous replication, see my.cnf).
# For MySQL; on MariaDB restore a backup.
. "$(dirname "${BASH_SOURCE[0]}")/mysql.lib.sh"

FILE='' PRIMARY=mysql-primary CHOSEN='' CAUGHT_UP_S=300 HEALTHY_S=300
while [ $# -gt 0 ]; do
  case $1 in -h | --help) usage; exit ;; esac
  need "$@"
  case $1 in
    --file) FILE=$2 ;;
    --primary) PRIMARY=$2 ;;
    --replica) CHOSEN=$2 ;;
    *) die "does not know $1 (--help says what it knows)" ;;
  esac
  shift 2
done
[ -r "$FILE" ] || die "--file must name the compose file of the deployment; ${FILE:-(none)} cannot be read"
compose() { docker compose -f "$FILE" "$@"; }
SERVICES=$(compose config --services) || die "docker compose does not take $FILE"
grep -qx "$PRIMARY" <<<"$SERVICES" || die "$FILE has no $PRIMARY"

# The login goes through a file descriptor: a password on a command line is everybody's to see.
client() { # client SERVICE OPTION...
  compose exec -T "$1" bash -c 'exec mysql --defaults-extra-file=<(printf "[client]\nuser=root\npassword=\"%s\"\n" "$(</run/secrets/mysql_root_password)") "$@"' - "${@:2}"
}
sql() { client "$1" --batch --skip-column-names --execute "$2"; }
status() { # status SERVICE FIELD: one field of SHOW REPLICA STATUS, a list of GTIDs on one line
  client "$1" --vertical --execute 'SHOW REPLICA STATUS' | awk -v field="$2" '{
    if (match($0, /^ *[A-Za-z_]+: ?/)) { name = substr($0, 1, RLENGTH); gsub(/[ :]/, "", name); if (name == field) printf "%s", substr($0, RLENGTH + 1) }
    else if (name == field) printf "%s", $0 }'
}
has_all() { # has_all SERVICE GTIDS
  [ "$(sql "$1" "SELECT GTID_SUBSET('$2', @@GLOBAL.gtid_executed)")" = 1 ]
}
executed() { sql "$1" "SELECT REPLACE(@@GLOBAL.gtid_executed, CHAR(10), '')"; }
volume_of() { # the volume of a service's data, whether its container runs or not
  local container
  container=$(compose ps --all --quiet "$1")
  [ -n "$container" ] || die "$1 has no container; make one without starting it: docker compose -f $FILE create --no-recreate $1"
  docker inspect --format '{{range .Mounts}}{{if eq .Destination "/var/lib/mysql"}}{{.Name}}{{end}}{{end}}' "$container"
}

[ -z "$(compose ps --quiet --status running --status restarting --status paused "$PRIMARY")" ] ||
  die "$PRIMARY runs. If it is lost nevertheless: docker compose -f $FILE stop $PRIMARY"

replicas=()
for service in $(compose ps --services --status running | grep -E '^mysql-' || true); do
  [ "$(status "$service" Source_Host)" = "$PRIMARY" ] && replicas+=("$service")
done
[ ${#replicas[@]} -gt 0 ] || die "no replica of $PRIMARY runs here: start one, or restore a backup (mysql-restore.sh)"

# What a replica has received it has; it may not have applied all of it yet.
for replica in "${replicas[@]}"; do
  end=$((SECONDS + CAUGHT_UP_S)) received=$(status "$replica" Retrieved_Gtid_Set)
  until has_all "$replica" "$received"; do
    error=$(status "$replica" Last_SQL_Error)
    [ -z "$error" ] || die "$replica cannot apply what it has received: $error"
    [ "$SECONDS" -lt "$end" ] || die "$replica has not applied what it has received within $CAUGHT_UP_S s"
    sleep 1
  done
done

best() { # best SERVICE: whether no other replica has anything that it lacks
  local other
  for other in "${replicas[@]}"; do has_all "$1" "$(executed "$other")" || return 1; done
}
if [ -n "$CHOSEN" ]; then
  [[ " ${replicas[*]} " == *" $CHOSEN "* ]] || die "$CHOSEN is no running replica of $PRIMARY; those are: ${replicas[*]}"
  best "$CHOSEN" || die "another of ${replicas[*]} has commits that $CHOSEN lacks: leave the choice to this script"
else
  for replica in "${replicas[@]}"; do ! best "$replica" || { CHOSEN=$replica; break; }; done
  [ -n "$CHOSEN" ] || die "each of ${replicas[*]} has commits that another lacks: compare their @@gtid_executed, and restore a backup"
fi
say "$CHOSEN takes the place of $PRIMARY: it has $(executed "$CHOSEN")"

from=$(volume_of "$CHOSEN") to=$(volume_of "$PRIMARY") kept=$to-lost-$(date -u +%Y%m%dt%H%M%Sz)
image=$(docker inspect --format '{{.Config.Image}}' "$(compose ps --all --quiet "$CHOSEN")")
compose stop "$CHOSEN" 2>/dev/null
docker volume create "$kept" >/dev/null
# auto.cnf has the server's own id. mysqld-auto.cnf has what was set by SET PERSIST: that a replica takes no writes.
docker run --rm --user 0 --network none --entrypoint sh -v "$from:/from:ro" -v "$to:/to" -v "$kept:/kept" "$image" -euc '
  cp -a /to/. /kept/
  find /to -mindepth 1 -delete
  cp -a /from/. /to/
  rm -f /to/auto.cnf /to/mysqld-auto.cnf'
say "the data are copied; what $PRIMARY had is in the volume $kept"
compose start "$PRIMARY" 2>/dev/null
compose up --detach --no-deps --no-recreate --wait --wait-timeout $HEALTHY_S "$PRIMARY" >/dev/null 2>&1 || die "$PRIMARY does not get well: docker compose -f $FILE logs $PRIMARY"
sql "$PRIMARY" 'STOP REPLICA; RESET REPLICA ALL; SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF'
compose start "$CHOSEN" 2>/dev/null

for replica in "${replicas[@]}"; do
  end=$((SECONDS + CAUGHT_UP_S))
  until [ "$(status "$replica" Replica_IO_Running 2>/dev/null)$(status "$replica" Replica_SQL_Running 2>/dev/null)" = YesYes ]; do
    [ "$SECONDS" -lt "$end" ] || die "$PRIMARY takes writes again, but $replica does not follow it: $(status "$replica" Last_IO_Error)"
    sleep 1
  done
done
say "$PRIMARY takes writes again, and ${replicas[*]} follow it"
