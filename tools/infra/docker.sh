# Where binaries cannot be had: one of each server by docker compose, on the usual ports. Nobody runs this way in Nakku's CI.
COMPOSE=(docker compose -f "$INFRA/compose.yaml" -p nakku)

docker_is_the_way() {
  if [ "$(uname -s)" = Linux ] && has setsid && has flock; then
    [ -n "$(obstacles $(kinds_of "${SERVERS[@]}"))" ] || return 1 # there are binaries
    docker_answers # without it, install.sh says what is missing
  else
    docker_answers || die 'servers start from binaries on Linux only (with setsid and flock); elsewhere start docker first'
  fi
}
docker_answers() { has docker && timeout 10 docker info >/dev/null 2>&1; }

docker_up() {
  local server
  for server; do
    case $server in kafka | mysql | mariadb | redis) ;; *) die "by docker there are kafka, mysql, mariadb and redis, not $server" ;; esac
  done
  log "by docker: $*"
  AT=$RUN/docker USERS=$RUN/docker/users.sql
  mkdir -p -m 700 "$AT"
  : >"$AT/env.new"
  : >"$USERS"
  service_users "$AT"
  test_users "$AT"
  for server; do docker_variables "$server"; done
  NAKKU_ROOT_PASSWORD=$(kept "$AT/secrets/root") NAKKU_USERS=$USERS "${COMPOSE[@]}" up --detach --wait "$@" >&2
  mv "$AT/env.new" "$AT/env"
  cp "$AT/env" "$RUN/env"
  cat "$RUN/env"
}

docker_variables() {
  case $1 in
    kafka) emit KAFKA_BROKERS 127.0.0.1:9092 ;;
    redis) emit REDIS_URL redis://127.0.0.1:6379/0 ;;
    mysql | mariadb)
      emit DB_HOST 127.0.0.1
      emit DB_PORT 3306
      emit "${1^^}_URL" "mysql://app:$(kept "$AT/secrets/app")@127.0.0.1:3306/app" ;;
  esac
}

docker_down() {
  NAKKU_ROOT_PASSWORD=- NAKKU_USERS=/dev/null "${COMPOSE[@]}" down $([ -z "$PURGE" ] || echo --volumes) >&2
}
