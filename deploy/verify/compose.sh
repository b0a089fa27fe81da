#!/usr/bin/env bash
# compose.sh [--check] [--keep] [--production] [PROFILE...]   starts profiles with docker compose, orders through their balancer, takes them down
#   PROFILE   single-server, clustered, service-per-server, sharded; without any, all, one after the other
#   --check   only asks docker compose whether it takes the files
#   --production  in production mode, empty: makes the first admin and walks docs/operations/first-day.md instead of the README's order
#   --keep    leaves the last one up, and says how to take it down
# It needs the image of Nakku (docker/build.sh) and those that it stands on, pulled or made by local-images.sh. It listens on HTTP_PORT (28080) and
# HTTPS_PORT (28443), as the project nakku-trial (COMPOSE_PROJECT_NAME) with secrets of its own: a deployment called nakku here stays as it is.
# about: each compose profile comes up, and an order goes through its balancer
# needs: docker compose image
# order: 60
. "$(dirname "${BASH_SOURCE[0]}")/compose.lib.sh"

CHECK='' KEEP='' PRODUCTION='' WANTED=()
for argument; do
  case $argument in
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit ;;
    --check) CHECK=1 ;;
    --keep) KEEP=1 ;;
    --production) PRODUCTION=1; export NODE_ENV=production NAKKU_SEED=none ;;
    *) known "$argument"; WANTED+=("$argument") ;;
  esac
done
[ ${#WANTED[@]} -gt 0 ] || read -ra WANTED <<<"$PROFILES"
docker compose version >/dev/null 2>&1 || { echo 'skipped: there is no docker compose'; exit 0; }

takes_files() {
  local file files=()
  for file in "$FOLDER"/docker-compose*.yml; do
    files=(-f "$file")
    # These come on top of the main file.
    case $file in *.overlay.yml | *.logging.yml | *.monitoring.yml) files=(-f "$FOLDER/$MAIN" -f "$file") ;; esac
    docker compose "${files[@]}" config --quiet || fail "docker compose does not take ${file##*/}"
  done
  say 'docker compose takes its files'
}

# No root, no way to more rights, a root folder that cannot be written to; and nobody had to be started again.
is_hardened() {
  local id name user read_only restarts killed
  for id in $(compose ps --all --quiet); do
    read -r name user read_only restarts killed < <(docker inspect --format '{{.Name}} {{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.RestartCount}} {{.State.OOMKilled}}' "$id")
    [[ $user =~ ^[1-9] ]] || fail "$name runs as ${user:-root}"
    [ "$read_only" = true ] || fail "$name can write to its root"
    [ "$restarts" = 0 ] || fail "$name was started $restarts times again"
    [ "$killed" = false ] || fail "$name had too little memory"
  done
  say 'no container is root, can write to its root, or was started again'
}

# runs DOMAIN: the container of a service.
runs() { case $PROFILE/$1 in single-server/*) echo nakku ;; */gateway) echo api-gateway ;; *) echo "$1-service" ;; esac; }

smoke() {
  compose exec -T -e SMOKE_EMAIL=customer@nakku.test -e SMOKE_PASSWORD=nakku-customer-demo -e SMOKE_LAT=12.9352 -e SMOKE_LNG=77.6245 \
    -e SMOKE_QUERY=milk "$(runs gateway)" node - <"$ROOT/deploy/smoke.cjs"
}
# Healthy means that it can: the first try counts.
takes_an_order() {
  local started=$SECONDS
  smoke >"$WORK/smoke.log" 2>&1 || { cat "$WORK/smoke.log"; fail 'the first order was not confirmed'; }
  say "took and cancelled a first order within $((SECONDS - started)) s"
}

orders() { # orders [OPTION...]: of walk.sh
  "$VERIFY/walk.sh" "https://localhost:$HTTPS_PORT" --cacert "$SECRETS_DIR/tls.crt" --slow 2 "$@" >"$WORK/walk.log" 2>&1 || { cat "$WORK/walk.log"; fail 'the order did not arrive'; }
  say 'an order went through the balancer on TLS, to the door'
}

first_day() {
  export ADMIN=you@example.com PASSWORD=a-long-password
  compose exec -T "$(runs user)" nakku admin create --email "$ADMIN" --password-stdin <<<"$PASSWORD" >"$WORK/admin.log" 2>&1 || { cat "$WORK/admin.log"; fail 'the first admin could not be made'; }
  compose exec -T "$(runs gateway)" nakku doctor >"$WORK/doctor.log" 2>&1 || { cat "$WORK/doctor.log"; fail 'the doctor is not content'; }
  say "the doctor says: $(tail -n 1 "$WORK/doctor.log")"
  orders --page docs/operations/first-day.md
}

replicas_follow() {
  local replica primary known answer
  for replica in $(compose config --services | grep '^mysql-.*replica' | sort); do
    primary=$(as_root "$replica" 'SELECT Host FROM mysql.slave_master_info')
    known=$(as_root "$primary" 'SELECT @@GLOBAL.gtid_executed')
    eventually 20 "$replica getting what $primary has" has_all "$replica" "$known"
    [ "$(as_root "$replica" 'SELECT @@super_read_only')" = 1 ] || fail "$replica can be written to"
    answer=$(as_root "$replica" 'DELETE FROM nakku_order.orders LIMIT 1' 2>&1) && fail "$replica took a write"
    [[ $answer == *super-read-only* ]] || fail "an unexpected answer: $answer"
    say "$replica has $(as_root "$replica" 'SELECT COUNT(*) FROM nakku_order.orders') orders, every change of $primary ($known), and takes no write"
  done
}
has_all() { [ "$(as_root "$1" "SELECT GTID_SUBSET('$2', @@GLOBAL.gtid_executed)")" = 1 ]; }

users_keep_apart() {
  local host answer
  host=$(compose config --services | grep -xE 'mysql-(primary|order|shard-2)' | head -n 1) || return 0
  as_service "$host" order 'SELECT COUNT(*) FROM nakku_order.orders' >/dev/null || fail 'the order service cannot read its own database'
  answer=$(as_service "$host" order 'SELECT COUNT(*) FROM nakku_user.users' 2>&1) && fail 'the order service can read the users'
  [[ $answer == *denied* ]] || fail "an unexpected answer: $answer"
  answer=$(as_service "$host" order 'DROP TABLE nakku_order.orders' 2>&1) && fail 'the order service can change tables'
  [[ $answer == *denied* ]] || fail "an unexpected answer: $answer"
  say "nakku_order reads its own database, and neither the users nor may it change tables"
}

scales() {
  compose config --services | grep -x user-service >/dev/null || return 0
  bring_up --no-recreate --scale user-service=3
  [ "$(compose ps --quiet user-service | wc -l)" = 3 ] || fail 'there are not three copies of user-service'
  orders
  say 'with three copies of user-service it works as well'
}

verify() {
  profile "$1"
  trap take_down EXIT
  takes_files
  [ -z "$CHECK" ] || return 0
  ready || { say 'skipped: docker does not answer'; return 0; }
  prepare
  bring_up
  is_hardened
  if [ -n "$PRODUCTION" ]; then first_day; else takes_an_order; orders; fi
  replicas_follow
  users_keep_apart
  [ -n "$PRODUCTION" ] || scales
  say 'passed'
}

for one in "${WANTED[@]}"; do
  verify "$one"
  if [ -n "$KEEP" ] && [ "$one" = "${WANTED[-1]}" ]; then
    trap - EXIT
    echo "It is left up. To take it down: SECRETS_DIR=$SECRETS_DIR docker compose -p $COMPOSE_PROJECT_NAME -f $FOLDER/$MAIN down --volumes"
  else
    take_down
  fi
done
