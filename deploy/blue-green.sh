#!/usr/bin/env bash
# Puts a new version beside the one that serves, and sends NGINX there when it has shown that it works; back again when it has not.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: deploy/blue-green.sh [COMMAND] --topology NAME [options]

  prepare    once, best before the first start: the upstream file gets a folder of its own, which NGINX reads
  deploy     (the default) --version V: migrates, starts the other colour, waits for health, smoke-tests it, switches NGINX, watches, stops the old
  rollback   starts what served before, and switches back to it. Tables stay as they are: they fit both (docs/operations/upgrade.md)
  status     which colour serves, which version it is, how its containers are

Options:
  --topology NAME     a folder of deploy/rendered with NGINX and docker-compose.{blue,green}.yml, e.g. clustered
  --version V         the tag of the images nakku/<app>:V
  --smoke FILE        lines SMOKE_EMAIL=, SMOKE_PASSWORD=, SMOKE_LAT=, SMOKE_LNG=, SMOKE_QUERY= ...: places an order and cancels it (deploy/smoke.cjs)
  --health SECONDS    how long containers may take to be well (300)
  --watch SECONDS     how long the new colour is watched after the switch (60)
  --max-errors N      percent of answers 5xx meanwhile at which it is switched back (1)

It ends with 0 when the new version serves; with 1 when it does not: then the old one does, and the new one's last words are in the state folder.
Whatever it was doing when it was killed: start it again. The colour that serves is the one that the upstream file names.

Environment: NAKKU_STATE (deploy/state) and NAKKU_RENDERED (deploy/rendered) are folders, NAKKU_PROJECT (nakku) is the main file's project; and
whatever the compose files read (SECRETS_DIR, HTTPS_PORT ...).
TEXT
}

say() { echo "$(date +%H:%M:%S) $*"; }
die() {
  echo "blue-green: $*" >&2
  exit 1
}

root=$(cd "$(dirname "$0")/.." && pwd)
command=deploy topology='' version='' smoke='' health_seconds=300 watch_seconds=60 max_errors=1
case "${1:-}" in prepare | deploy | rollback | status) command=$1 && shift ;; esac
while [ $# -gt 0 ]; do
  case "$1" in
    -h | --help) usage; exit 0 ;;
    --topology | --version | --smoke | --health | --watch | --max-errors)
      [ $# -ge 2 ] || die "$1 needs a value"
      case "$1" in
        --topology) topology=$2 ;;
        --version) version=$2 ;;
        --smoke) smoke=$2 ;;
        --health) health_seconds=$2 ;;
        --watch) watch_seconds=$2 ;;
        --max-errors) max_errors=$2 ;;
      esac
      shift 2 ;;
    *) usage >&2; die "does not know $1" ;;
  esac
done

[[ "$topology" =~ ^[a-z0-9-]{1,64}$ ]] || die 'say which with --topology NAME'
[[ "$health_seconds$watch_seconds$max_errors" =~ ^[0-9]+$ ]] || die '--health, --watch and --max-errors are whole numbers'
folder=${NAKKU_RENDERED:-$root/deploy/rendered}/$topology
state=${NAKKU_STATE:-$root/deploy/state}/$topology
upstream=$state/upstream/gateway.conf
[ -f "$folder/docker-compose.blue.yml" ] || die "$folder has no docker-compose.blue.yml: on embedded data two versions cannot run beside each other"
project=${NAKKU_PROJECT:-nakku}
main_file=docker-compose.yml
[ ! -f "$folder/docker-compose.prod.yml" ] || main_file=docker-compose.prod.yml
read -r gateway port < <(sed -n 's/^ *server  *\([^:; ]*\):\([0-9]*\).*/\1 \2/p' "$folder/nginx/upstream/gateway.conf")

# compose COLOUR ARGUMENTS...: `main` are the processes of the main file, which serve before the first switch.
compose() {
  local colour=$1 file=docker-compose.$1.yml
  shift
  [ "$colour" != main ] || file=$main_file
  docker compose --project-directory "$folder" -f "$folder/$file" -p "$project$(suffix "$colour")" "$@"
}
suffix() { [ "$1" = main ] || echo "-$1"; }
apps() { # the processes of a colour, without the job that migrates
  local names
  names=$(compose blue config --services | grep -v '^migrate$' | sed 's/-blue$//')
  for name in $names; do echo "$name$(suffix "$1")"; done
}
live() { sed -n 's/^ *server  *\([^:; ]*\):.*/\1/p' "$upstream" | sed "s/^$gateway\$/main/; s/^$gateway-//"; }
nginx_id() { compose main ps -q nginx 2>/dev/null | head -1; }
in_nginx() { docker exec "$(nginx_id)" "$@"; }
containers() { # ids of a colour's processes, whether they run or not
  local app
  for app in $(apps "$1"); do compose "$1" ps -aq "$app" 2>/dev/null; done
}

# ---- steps -------------------------------------------------------------------------------------------------------------

# Waits until every container of a colour is well; a container that ends is enough to give up.
healthy() {
  local colour=$1 end=$((SECONDS + health_seconds)) ids line sick waiting
  ids=$(containers "$colour")
  [ -n "$ids" ] || { say "$colour has no containers"; return 1; }
  while :; do
    sick='' waiting=''
    while read -r line; do
      case "$line" in
        *' running healthy '[01]) ;;
        *' running starting '[01] | *' restarting '*' '[01] | *' created '*) waiting="$waiting ${line%% *}" ;;
        *) sick="$sick [${line#/}]" ;;
      esac
    done < <(docker inspect -f '{{.Name}} {{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}healthy{{end}} {{.RestartCount}}' $ids)
    [ -z "$sick" ] || { say "not well (state, health, restarts):$sick"; return 1; }
    [ -n "$waiting" ] || return 0
    [ $SECONDS -lt $end ] || { say "not well within $health_seconds s:$waiting"; return 1; }
    sleep 2
  done
}

# Asks every gateway of a colour from within; the first one places an order, too.
smoke_test() {
  local colour=$1 id said first=1
  [ -n "$smoke" ] || say 'no order will be placed: there is no account for it (--smoke FILE)'
  for id in $(compose "$colour" ps -q "$gateway$(suffix "$colour")"); do
    said=$(
      [ -z "$smoke" ] || { set -a && . "$smoke" && set +a; }
      [ -n "$first" ] || unset SMOKE_EMAIL SMOKE_PASSWORD
      export SMOKE_URL=http://127.0.0.1:$port
      names=$(compgen -e SMOKE_ | sed 's/^/-e /')
      docker exec -i $names "$id" node - <"$root/deploy/smoke.cjs" 2>&1
    ) || { say "$said"; return 1; }
    say "$said"
    first=
  done
}

# Writes the upstream file, has NGINX check it, and reloads. A file that NGINX refuses is taken back.
switch_to() {
  local host why
  host=$gateway$(suffix "$1")
  cp "$upstream" "$state/upstream/before"
  sed "s/^\( *server  *\)$gateway:/\1$host:/" "$folder/nginx/upstream/gateway.conf" >"$state/upstream/next"
  mv "$state/upstream/next" "$upstream"
  if ! why=$(in_nginx nginx -t 2>&1); then
    say "NGINX does not take it: $why"
    mv "$state/upstream/before" "$upstream"
    return 1
  fi
  in_nginx nginx -s reload 2>/dev/null || return 1
  say "NGINX asks $host"
}

# What clients are told after the switch, by NGINX's own log.
watch_errors() {
  local since end total errors
  since=$(date -u +%Y-%m-%dT%H:%M:%SZ) end=$((SECONDS + watch_seconds))
  while :; do
    read -r total errors < <(docker logs --since "$since" "$(nginx_id)" 2>/dev/null |
      awk '/"service":"nginx"/ { total++ } /"status":5/ { errors++ } END { print total + 0, errors + 0 }')
    [ "$errors" -lt 3 ] || [ $((errors * 100)) -le $((total * max_errors)) ] ||
      { say "$errors of $total answers were errors"; return 1; }
    [ $SECONDS -lt $end ] || break
    sleep 3
  done
  health_seconds=1 healthy "$1" || return 1
  say "$total answers in $watch_seconds s, $errors errors"
}

# NGINX's old workers end with their last request (streams of events after 75 s); then nobody asks the old colour any more.
drain() {
  local end=$((SECONDS + 90))
  while [ $SECONDS -lt $end ] && in_nginx sh -c 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\0" " "' | grep 'worker process is shutting down' >/dev/null; do
    sleep 1
  done
}

stop_colour() { compose "$1" stop $(apps "$1") 2>&1 | tail -1; }

# ---- going live, with a way back ----------------------------------------------------------------------------------------

stage=idle
undo() { # at every exit that is not the end of the work
  local code=$?
  trap - EXIT INT TERM
  [ "$stage" != idle ] || exit "$code"
  [ "$code" -ne 0 ] || code=1
  say "$next does not serve; $old goes on"
  if [ "$(live)" = "$next" ]; then switch_to "$old" && drain || say "could not switch back: look at $upstream"; fi
  compose "$next" logs --no-color --tail 200 >"$state/failed-$next.log" 2>&1 || true
  say "the last words of $next are in $state/failed-$next.log"
  if [ "$command" = rollback ] || [ "$next" = main ]; then stop_colour "$next"; else compose "$next" down --remove-orphans 2>&1 | tail -1; fi
  exit "$code"
}

go_live() {
  say "waiting until $next is well"
  healthy "$next" || exit 1
  smoke_test "$next" || exit 1
  switch_to "$next" || exit 1
  say "watching for $watch_seconds s"
  watch_errors "$next" || exit 1
  stage=idle
  echo "$old" >"$state/previous"
  say "letting go of $old"
  drain
  stop_colour "$old"
  say "$next serves; $old is stopped and can be had back by: deploy/blue-green.sh rollback --topology $topology"
}

prepare() {
  mkdir -p "$state/upstream"
  echo '*' >"$state/.gitignore"
  [ -f "$upstream" ] || cp "$folder/nginx/upstream/gateway.conf" "$upstream"
  touch "$folder/.env"
  grep -q '^NGINX_UPSTREAM_DIR=' "$folder/.env" || echo "NGINX_UPSTREAM_DIR=$state/upstream" >>"$folder/.env"
  if [ -n "$(nginx_id)" ] && ! reads_state; then
    say 'NGINX starts anew with the folder: it is away for a second'
    compose main up -d --no-deps nginx
  fi
  say "NGINX reads $state/upstream ($folder/.env says so to docker compose)"
}
reads_state() { docker inspect -f '{{range .Mounts}}{{println .Source}}{{end}}' "$(nginx_id)" | grep -qx "$state/upstream"; }

require_ready() {
  [ -f "$upstream" ] || die "run deploy/blue-green.sh prepare --topology $topology first"
  [ -n "$(nginx_id)" ] || die "NGINX does not run: docker compose -f $folder/$main_file up -d"
  reads_state || die "NGINX does not read $state/upstream: run deploy/blue-green.sh prepare --topology $topology"
  [ -z "$smoke" ] || [ -r "$smoke" ] || die "cannot read $smoke"
  exec 9>"$state/lock"
  flock -n 9 || die 'another run is under way'
  old=$(live)
}

case "$command" in
  prepare) prepare ;;
  status)
    [ -f "$upstream" ] || die "run deploy/blue-green.sh prepare --topology $topology first"
    echo "serves: $(live)   before: $(cat "$state/previous" 2>/dev/null || echo nothing)"
    for colour in main blue green; do
      ids=$(containers "$colour")
      [ -z "$ids" ] || docker inspect -f "$colour {{.Name}} {{.Config.Image}} {{.State.Status}}{{if .State.Running}}{{if .State.Health}} {{.State.Health.Status}}{{end}}{{end}}" $ids
    done
    ;;
  rollback)
    require_ready
    next=$(cat "$state/previous" 2>/dev/null) || die 'there is nothing to go back to'
    [ "$next" != "$old" ] || die "$old serves already"
    [ -n "$(containers "$next")" ] || die "the containers of $next are gone: deploy its version anew"
    stage=started
    trap undo EXIT
    trap 'exit 130' INT TERM
    say "starting $next again"
    docker start $(containers "$next") >/dev/null
    go_live
    ;;
  deploy)
    [[ "$version" =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$ ]] || die 'say which with --version V'
    export NAKKU_VERSION=$version
    require_ready
    next=blue
    [ "$old" != blue ] || next=green
    stage=started
    trap undo EXIT
    trap 'exit 130' INT TERM
    say "$old serves; $next becomes version $version"
    # What an interrupted run has left, and what served before the last one. NGINX has certainly read its file after this.
    in_nginx nginx -s reload 2>/dev/null || die 'NGINX does not take its configuration: look at its log'
    drain
    [ -z "$(compose "$next" ps -aq)" ] || compose "$next" down --remove-orphans 2>&1 | tail -1
    [ "$(cat "$state/previous" 2>/dev/null)" != "$next" ] || rm "$state/previous"
    for colour in main blue green; do
      [ "$colour" = "$old" ] || [ "$colour" = "$next" ] || [ -z "$(containers "$colour")" ] || stop_colour "$colour"
    done
    say 'migrating (only what both versions can live with)'
    compose "$next" run --rm -T migrate
    compose "$next" up -d --no-deps $(apps "$next") 2>&1 | tail -1
    go_live
    ;;
esac
