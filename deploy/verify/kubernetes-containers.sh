#!/usr/bin/env bash
# kubernetes-containers.sh [--keep] [SECRETS]   runs the pods of the chart with docker compose, with demo data, and orders through the gateway
#   SECRETS   a folder of secrets (without one they are made for this trial)
#   --keep    leaves them running, and says how to take them down
# What a control plane without machines cannot show: that these images start with these commands, variables, files and rights.
# It needs the images, pulled or made by local-images.sh and docker/build.sh, and listens on 127.0.0.1, PORT (18090). COPIES of each process: 1.
# about: the pods of the chart start as containers, and take an order
# needs: docker compose image
# order: 75
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
keep='' secrets=''
for argument; do
  case $argument in
    -h | --help) sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit ;;
    --keep) keep=1 ;;
    -*) echo "kubernetes-containers.sh knows --keep and --help, but was given $argument" >&2; exit 2 ;;
    *) secrets=$argument ;;
  esac
done
say() { printf '%(%T)T %s\n' -1 "$*"; }
for tool in helm docker node; do command -v "$tool" >/dev/null || { say "skipped: there is no $tool"; exit 0; }; done
docker compose version >/dev/null 2>&1 || { say 'skipped: there is no docker compose'; exit 0; }
[ -z "$secrets" ] || [ -d "$secrets" ] || { say "there is no folder $secrets" >&2; exit 2; }

work=$(mktemp -d)
chmod 755 "$work"
compose() { docker compose --file "$work/compose.json" "$@"; }
clean_up() {
  if [ -n "$keep" ]; then
    say "they run on: docker compose --file $work/compose.json down --volumes --timeout 5; rm -rf $work"
  else
    [ ! -s "$work/compose.json" ] || compose down --volumes --timeout 5 >/dev/null 2>&1 || true
    rm -rf "$work"
  fi
}
trap clean_up EXIT
fail() { say "FAILED: $*" >&2; compose ps --all >&2; compose logs --tail 15 >&2 || true; exit 1; }

if [ -z "$secrets" ]; then
  secrets=$work/made
  node "$here/../../tools/nakku.cjs" secrets init --topology kubernetes --folder "$secrets" >/dev/null
fi
helm template nakku "$here/../helm/nakku" --namespace nakku --kube-version 1.34.0 --set mode=development,seed=demo |
  node "$here/kubernetes-containers.cjs" "$work" "$secrets" "${COPIES:-1}" >"$work/compose.json"
say "$(compose config --services | wc -l) containers"
compose up --detach --quiet-pull >/dev/null 2>&1 || fail 'docker compose up'

url=http://127.0.0.1:${PORT:-18090}
deadline=$((SECONDS + ${WAIT:-420}))
well() { [ -z "$(compose ps --all --format '{{.Service}} {{.State}} {{.Health}}' | grep -Ev ' (running healthy|exited )$')" ]; }
until well && curl -fsS --max-time 5 "$url/health/ready" >/dev/null 2>&1; do
  [ "$SECONDS" -lt "$deadline" ] || fail "not all pods are ready"
  sleep 3
done
say 'every pod is ready'
compose logs --no-log-prefix migrate-1 | tail -3
compose logs --no-log-prefix redis-cluster-1 | tail -1
# shellcheck disable=SC2016 # the container's shell reads the password
compose exec -T mysql-1 sh -c 'MYSQL_PWD=$(cat /run/secrets/mysql_root_password) mysql -uroot -E -e "SHOW REPLICA STATUS"' | grep -E 'Source_Host|Replica_(IO|SQL)_Running:|Seconds_Behind' || fail 'mysql-1 does not replicate'
"$here/walk.sh" "$url" --slow 2 || fail 'the order walk'
say 'kubernetes-containers: an order went from browsing to the door'
