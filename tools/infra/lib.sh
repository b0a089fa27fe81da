# What up.sh, down.sh, control.sh and install.sh share: words, ports, and nodes (one server process each).
# A node is a folder: `run` starts it, `ready` says whether it answers, `pid` who runs it, `log` what it said.
set -euo pipefail
[ "${BASH_VERSINFO[0]}" -ge 5 ] || { echo "infra: bash 5 is needed; this is $BASH_VERSION" >&2; exit 1; }
INFRA=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${NAKKU_CACHE:-$HOME/.cache/nakku}
ALL_SERVERS='kafka kafka3 mysql mysql-repl mariadb mariadb-repl redis redis-cluster'

log() { printf '%(%H:%M:%S)T infra: %s\n' -1 "$*" >&2; }
die() { printf 'infra: %s\n' "$*" >&2; exit 1; }
now() { date +%s%3N; }
seconds_since() { local ms=$(($(now) - $1)); printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100)); }
has() { command -v "$1" >/dev/null 2>&1; }
known() { [[ " $ALL_SERVERS " == *" $1 "* ]] || die "there is no server \"$1\"; there are: $ALL_SERVERS"; }
kinds_of() { printf '%s\n' "$@" | sed 's/-.*//; s/3$//' | sort -u; } # mysql-repl needs what mysql needs
secret() { head -c 18 /dev/urandom | base64 | tr '+/' 'xy'; }

# ---- ports -----------------------------------------------------------------------------------------------------
port_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Claims a port for two minutes, so that servers that start at the same time do not meet on it.
claim_port() {
  local claims=${TMPDIR:-/tmp}/nakku-ports-$(id -u)
  mkdir -p "$claims"
  find "$claims" -type f -mmin +2 -delete 2>/dev/null || true
  port_free "$1" && (set -o noclobber && : >"$claims/$1") 2>/dev/null
}

# free_port [PREFERRED]: below the ephemeral range (32768 and up), so that no outgoing connection can hold it;
# the one 10000 above is free too, as the bus of a Redis cluster needs it.
free_port() {
  local port=${1:-}
  [ -n "$port" ] && port_free "$port" && echo "$port" && return
  while :; do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 2700))
    port_free $((port + 10000)) && claim_port "$port" && echo "$port" && return
  done
}

# ---- nodes -----------------------------------------------------------------------------------------------------
# write_run NODE COMMAND...
write_run() { local node=$1; shift; printf 'exec %s\n' "$(printf '%q ' "$@")" >"$node/run"; }
# write_ready NODE COMMAND...
write_ready() { local node=$1; shift; printf '%s\n' "$(printf '%q ' "$@")" >"$node/ready"; }

# A process is known by its id and when it started: an id alone may be somebody else's by now.
started_at() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
alive() {
  local pid start
  { read -r pid start <"$1/pid"; } 2>/dev/null && [ "$(started_at "$pid")" = "$start" ]
}
send() {
  local pid rest
  read -r pid rest <"$1/pid" && kill "-$2" "$pid" 2>/dev/null || true
}

spawn_node() {
  setsid bash "$1/run" >>"$1/log" 2>&1 </dev/null 8>&- 9>&- &
  echo "$! $(started_at $!)" >"$1/pid"
}

# await_node NODE SECONDS: until it answers; dies with what it said when it does not.
await_node() {
  local end=$(($(now) + $2 * 1000))
  until bash "$1/ready" >/dev/null 2>&1; do
    alive "$1" || { tail -n 15 "$1/log" >&2; die "$1 ended while it started; its log: $1/log"; }
    [ "$(now)" -lt "$end" ] || { tail -n 15 "$1/log" >&2; die "$1 did not answer within $2 s; its log: $1/log"; }
    sleep 0.05
  done
}

start_node() { alive "$1" || spawn_node "$1"; await_node "$1" "${2:-120}"; }

# end_nodes SIGNAL NODE...: all at once; whoever is still there after 20 s is killed.
end_nodes() {
  local signal=$1 node left i; shift
  for node; do alive "$node" && { send "$node" "$signal"; send "$node" CONT; }; done
  for ((i = 0; i < 400; i++)); do
    left=
    for node; do alive "$node" && left=1; done
    [ -n "$left" ] || return 0
    sleep 0.05
  done
  for node; do alive "$node" && { log "$node does not stop: killed"; send "$node" KILL; }; done
  return 0
}

# Every node below a folder.
nodes_of() { find "$1" -maxdepth 4 -name run -type f -printf '%h\n' 2>/dev/null | sort; }
