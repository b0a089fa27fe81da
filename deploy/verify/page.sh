#!/usr/bin/env bash
# page.sh [--keep] [PROFILE...]   types the commands of docs/operations/PROFILE.md as they stand there: Secrets, the first block of Start, Check
#   PROFILE   single-server, service-per-server, sharded, clustered; without any, all, one after the other
#   --keep    leaves the last one up, with its secrets
# With the demo city, as the pages say for a trial (NODE_ENV=development NAKKU_SEED=demo), on the ports and with the memory that are rendered. Of what the
# pages leave to their reader it fills in the host name, which is localhost here, and that the certificate just made is to be trusted.
# It is the deployment called nakku, so it refuses where there is one, or secrets of one; afterwards both are gone, with all data.
# about: the commands of each profile's page, as an operator types them
# needs: docker compose curl node build
# order: 65
# by hand: it takes ports 80 and 443, and deploys under the name of a real deployment
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$ROOT"
PROFILES=(single-server service-per-server sharded clustered)
SECRETS=deploy/secrets

say() { printf '%(%H:%M:%S)T page: %s\n' -1 "$*"; }
die() { say "$*" >&2; exit 1; }
# section PAGE NAME: the blocks of commands below a heading, one after the other, each ended by a line of its own.
section() { awk -v name="## $2" '/^## /{here = $0 == name} here && /^```sh$/{inside = 1; next} /^```$/{if (inside) print "--"; inside = 0} inside' "$1"; }
first() { sed '/^--$/,$d'; }
all() { sed '/^--$/d'; }
running() { docker ps --all --quiet --filter label=com.docker.compose.project=nakku; }

KEEP='' WANTED=()
for argument; do
  case $argument in
    -h | --help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit ;;
    --keep) KEEP=1 ;;
    *) [[ " ${PROFILES[*]} " == *" $argument "* ]] || { echo "there is no profile $argument; there are: ${PROFILES[*]}" >&2; exit 2; }
      WANTED+=("$argument") ;;
  esac
done
[ ${#WANTED[@]} -gt 0 ] || WANTED=("${PROFILES[@]}")
[ -z "$(running)" ] || die 'a deployment called nakku is here: docker compose -p nakku down (its data are in its volumes)'
[ ! -e $SECRETS ] || die "$SECRETS is there: these may be somebody's secrets"

take_down() { # the project as it was last brought up
  [ -n "$(running)" ] && docker compose -f "$MAIN" down --volumes --timeout 30 >/dev/null 2>&1 || true
  rm -rf "$SECRETS"
}

for profile in "${WANTED[@]}"; do
  page=docs/operations/$profile.md
  MAIN=$(find "deploy/rendered/$profile" -name docker-compose.yml -o -name docker-compose.prod.yml)
  commands=$(section "$page" Secrets | all; section "$page" Start | first; section "$page" Check | all)
  for wanted in 'up -d --wait' 'verify/walk.sh'; do grep -qF "$wanted" <<<"$commands" || die "$page does not say: $wanted"; done
  trap take_down EXIT
  from=$SECONDS
  while read -r command; do
    command=${command//api.nakku.example/localhost}
    say "\$ $command"
    # Nobody types for it: a command that asks is one that the page should not have there.
    NODE_ENV=development NAKKU_SEED=demo CURL_CA_BUNDLE=$ROOT/$SECRETS/tls.crt bash -euo pipefail -c "$command" </dev/null 2>&1 |
      { grep -vE '^ *(Container|Network|Volume) ' || true; } | sed 's/^/    /' || die "$page: this command failed"
  done <<<"$commands"
  say "$profile: its page's commands ended with an order at the door after $((SECONDS - from)) s"
  trap - EXIT
  [ -n "$KEEP" ] && [ "$profile" = "${WANTED[-1]}" ] || take_down
done
