#!/usr/bin/env bash
# install.sh [--check] [SERVER...]   gets the binaries of the servers (default: all), several at once
#   --check: gets nothing; exit 0 if they are all on this machine already, else one line that says what is missing.
# What the machine has on its PATH is used. The rest is unpacked into ~/.cache/nakku (NAKKU_CACHE): Kafka's jars by
# Maven, MySQL, MariaDB and Redis from Debian's packages with their own libraries, so that nothing on the host changes.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$INFRA/binaries.sh"

CHECK=
[ "${1:-}" = --check ] && { CHECK=1; shift; }
[ $# -gt 0 ] || set -- kafka mysql mariadb redis
for server; do known "$server"; done
mapfile -t KINDS < <(kinds_of "$@")

if [ -n "$CHECK" ]; then
  missing=()
  for kind in "${KINDS[@]}"; do "have_$kind" || missing+=("$kind"); done
  [ ${#missing[@]} = 0 ] || die "not on this machine: ${missing[*]} (npm run infra:install -- ${missing[*]})"
  exit 0
fi

get() { # get KIND: one at a time over all processes of this machine
  exec 9>"$CACHE/$1.lock"
  flock 9
  "have_$1" && return
  local started; started=$(now)
  log "$1: getting it into $CACHE"
  "get_$1"
  log "$1: got it ($(seconds_since "$started"))"
}

refused=$(obstacles "${KINDS[@]}")
[ -z "$refused" ] || die "$refused"
mkdir -p "$CACHE"
jobs=()
for kind in "${KINDS[@]}"; do
  "have_$kind" || { get "$kind" & jobs+=("$!:$kind"); }
done
failed=()
waiting() { while sleep 10 &>/dev/null; do log "still getting: $(du -sm "$CACHE" 2>/dev/null | cut -f1) MB so far"; done; }
if [ ${#jobs[@]} -gt 0 ]; then
  waiting & ticker=$!
  for job in "${jobs[@]}"; do wait "${job%%:*}" || failed+=("${job#*:}"); done
  kill "$ticker" 2>/dev/null || true
fi
[ ${#failed[@]} = 0 ] || die "could not get: ${failed[*]} (what went wrong stands above)"
