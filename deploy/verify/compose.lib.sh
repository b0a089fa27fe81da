# shellcheck shell=bash disable=SC2016
# What compose.sh and faults.sh share: one profile, brought up with docker compose beside whatever else runs here.
set -euo pipefail
VERIFY=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$VERIFY/../.." && pwd)
PROFILES='single-server clustered service-per-server sharded'
# A project of its own, so that a deployment called nakku on the same machine stays as it is.
export COMPOSE_PROJECT_NAME=${COMPOSE_PROJECT_NAME:-nakku-trial}
export HTTP_PORT=${HTTP_PORT:-28080} HTTPS_PORT=${HTTPS_PORT:-28443}
export NODE_ENV=development NAKKU_SEED=demo # a trial with the demo city

say() { printf '%(%H:%M:%S)T %s: %s\n' -1 "${PROFILE:-compose}" "$*"; }
fail() { say "FAILED: $*" >&2; exit 1; }
known() { [[ " $PROFILES " == *" $1 "* ]] || { echo "there is no profile $1; there are: $PROFILES" >&2; exit 2; }; }
ready() { docker compose version >/dev/null 2>&1 && timeout 10 docker info >/dev/null 2>&1; }

# profile NAME: which one the functions below mean.
profile() {
  PROFILE=$1
  FOLDER=$ROOT/deploy/rendered/$PROFILE
  MAIN=docker-compose.yml
  [ "$PROFILE" != clustered ] || MAIN=docker-compose.prod.yml
  WORK=$(mktemp -d)
  chmod 755 "$WORK"
  export SECRETS_DIR=$WORK/secrets
}

# The secrets and the certificate of this trial, which end with it (SECRETS_INIT: another command that makes them in the folder that follows it); and
# servers that many of fit on one machine.
prepare() {
  [ -z "$(docker ps --quiet --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME")" ] ||
    fail "$COMPOSE_PROJECT_NAME runs already: docker compose -p $COMPOSE_PROJECT_NAME down --volumes"
  ${SECRETS_INIT:-node "$ROOT/tools/nakku.cjs" secrets init --topology "$PROFILE" --folder} "$SECRETS_DIR" >/dev/null
  {
    echo 'services:'
    # One that every profile has, so that the list is never empty.
    case $PROFILE in single-server) echo '  nakku: {}' ;; *) echo '  api-gateway: {}' ;; esac
    for service in $(docker compose -f "$FOLDER/$MAIN" config --services); do
      case $service in
        mysql-*) printf '  %s: { command: [--innodb-buffer-pool-size=64M, --performance-schema=OFF] }\n' "$service" ;;
        kafka-*) printf '  %s: { environment: { KAFKA_HEAP_OPTS: -Xms192m -Xmx384m } }\n' "$service" ;;
      esac
    done
  } >"$WORK/small.yml"
}
compose() { docker compose -f "$FOLDER/$MAIN" -f "$WORK/small.yml" "$@"; }

# Everything is up when every check says so.
bring_up() {
  local started=$SECONDS
  compose up --detach --wait --wait-timeout 900 --pull never --quiet-pull "$@" >"$WORK/up.log" 2>&1 || {
    tail -n 30 "$WORK/up.log"
    compose ps --all --format '{{.Name}} {{.Status}}' | grep -v '(healthy)' || true
    compose logs --tail 15 2>&1 | tail -n 80
    fail 'it did not come up'
  }
  say "up and healthy after $((SECONDS - started)) s: $(compose ps --quiet | wc -l) containers"
}

take_down() {
  [ -n "${WORK:-}" ] && [ -f "$WORK/small.yml" ] || return 0
  compose down --volumes --timeout 30 >"$WORK/down.log" 2>&1 || tail -n 5 "$WORK/down.log"
  rm -rf "$WORK"
  WORK=
}

# as_root HOST STATEMENT: on a database server, by its socket.
as_root() {
  compose exec -T "$1" bash -c 'mysql --defaults-extra-file=<(printf "[client]\nuser=root\npassword=\"%s\"\n" "$(</run/secrets/mysql_root_password)") -N -e "$1"' - "$2"
}
# as_service HOST DOMAIN STATEMENT: as the service signs in.
as_service() {
  compose exec -T "$1" bash -c 'mysql --defaults-extra-file=<(printf "[client]\nuser=nakku_%s\npassword=\"%s\"\n" "$1" "$(</run/secrets/$1_db_password)") -h 127.0.0.1 -N -e "$2"' - "$2" "$3"
}

# eventually SECONDS WHAT COMMAND...
eventually() {
  local end=$((SECONDS + $1)) what=$2; shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "$what did not happen"
    sleep 1
  done
}
