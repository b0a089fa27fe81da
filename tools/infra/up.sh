#!/usr/bin/env bash
# up.sh [-d DIR] [--random-ports] [--fast] [--no-install] [--owner PID] [SERVER...]   starts real servers on this machine
#   servers  kafka | kafka3 | mysql | mysql-repl | mariadb | mariadb-repl | redis | redis-cluster (default: kafka mysql redis)
#   stdout   the variables that Nakku reads, as export lines; also in DIR/env. What runs already is left alone.
#   -d       where data, logs and state are kept (default: .infra); stop with down.sh, one node with control.sh
#   --random-ports  instead of the usual ones (3306, 9092, 6379) where they are free
#   --fast   a commit need not be on the disk: for tests that kill servers, not machines
#   --no-install    fails when a server is not on this machine, instead of getting it
#   --owner  takes everything down and away when that process has ended, however it ended
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$INFRA/binaries.sh"
. "$INFRA/kafka.sh"
. "$INFRA/sql.sh"
. "$INFRA/redis.sh"
. "$INFRA/docker.sh"

RUN=$INFRA/../../.infra FAST= RANDOM_PORTS= NO_INSTALL= OWNER= SERVERS=()
while [ $# -gt 0 ]; do
  case $1 in
    -d) RUN=$2; shift ;;
    --random-ports) RANDOM_PORTS=1 ;;
    --fast) FAST=1 ;;
    --no-install) NO_INSTALL=1 ;;
    --owner) OWNER=$2; shift ;;
    -h | --help) sed -n '2,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit ;;
    *) known "$1"; SERVERS+=("$1") ;;
  esac
  shift
done
[ ${#SERVERS[@]} -gt 0 ] || SERVERS=(kafka mysql redis)
mkdir -p "$RUN"
RUN=$(cd "$RUN" && pwd)

# ---- for the servers -------------------------------------------------------------------------------------------
usual() { [ -n "$RANDOM_PORTS" ] || echo "$1"; }
# kept FILE: the secret in it, made when it is asked for first.
kept() {
  [ -f "$1" ] || { mkdir -p "$(dirname "$1")"; (umask 077 && secret >"$1"); }
  cat "$1"
}
# port_of FILE [PREFERRED]: the port in it, so that a server comes back where it was.
port_of() {
  [ -f "$1" ] || free_port "${2:-}" >"$1"
  cat "$1"
}
# Names the folders of a server's nodes, to be put behind its own: none for one, else 1, 2, ...
nodes_named() {
  local i
  NODES=('')
  [ "$1" = 1 ] || for ((i = 0; i < $1; i++)); do NODES[i]=/$((i + 1)); done
}
start_nodes() { # start_nodes FOLDER: every node below it, side by side
  local node
  for node in $(nodes_of "$1"); do
    alive "$node" && continue
    port_free "$(cat "$node/port")" || die "port $(cat "$node/port"), where $node ran before, is taken; stop what holds it, or: npm run infra:down -- --purge"
    spawn_node "$node"
  done
  for node in $(nodes_of "$1"); do await_node "$node" 120; done
}
AT= # the folder of the server that is being started
emit() { echo "export $1='$2'" >>"$AT/env.new"; }

# ---- one server: under a lock, so that whoever asks second waits for it and finds it ----------------------------
runs() { # runs SERVER
  [ -f "$RUN/$1/env" ] || return 1
  local node
  for node in $(nodes_of "$RUN/$1"); do alive "$node" || return 1; done
}
up() {
  local name=$1 started; started=$(now)
  AT=$RUN/$name
  mkdir -p -m 700 "$AT"
  exec 8>"$RUN/.$name.lock"
  flock 8
  runs "$name" && { log "$name runs already"; return; }
  (umask 077 && : >"$AT/env.new")
  "up_$name"
  mv "$AT/env.new" "$AT/env"
  log "$name is up: $TOLD ($(seconds_since "$started"))"
}

if [ -n "$NO_INSTALL" ]; then
  bash "$INFRA/install.sh" --check "${SERVERS[@]}" || exit 1
elif docker_is_the_way; then
  docker_up "${SERVERS[@]}"
  exit
else
  bash "$INFRA/install.sh" --check "${SERVERS[@]}" 2>/dev/null || bash "$INFRA/install.sh" "${SERVERS[@]}"
fi

if [ -n "$OWNER" ] && (set -o noclobber && echo "$OWNER $(started_at "$OWNER")" >"$RUN/owner") 2>/dev/null; then
  setsid bash "$INFRA/guard.sh" "$RUN" >/dev/null 2>&1 </dev/null &
fi
jobs=()
for server in "${SERVERS[@]}"; do up "$server" & jobs+=("$!:$server"); done
failed=()
for job in "${jobs[@]}"; do wait "${job%%:*}" || failed+=("${job#*:}"); done
if [ ${#failed[@]} -gt 0 ]; then
  for server in "${failed[@]}"; do mapfile -t NODES < <(nodes_of "$RUN/$server"); end_nodes KILL "${NODES[@]}"; done
  die "did not start: ${failed[*]}"
fi

exec 9>"$RUN/.env.lock"; flock 9
(umask 077 && : >"$RUN/env")
for server in $ALL_SERVERS; do ! runs "$server" || cat "$RUN/$server/env" >>"$RUN/env"; done
for server in "${SERVERS[@]}"; do cat "$RUN/$server/env"; done
[ -n "$OWNER" ] || log "the variables are in $RUN/env; npm run start:split reads them"
