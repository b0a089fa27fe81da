#!/usr/bin/env bash
# Holds what is rendered for Prometheus and Alertmanager against the programs that read it, then has Prometheus watch a server that runs here.
# about: Prometheus and Alertmanager take their files, each alert fires and is quiet where it should, and every rule and panel finds its figures
# needs: promtool node
# order: 12
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: deploy/verify/monitoring.sh [--static]

Checks deploy/rendered/*/{prometheus,alertmanager}: promtool check config and rules, promtool test rules, amtool check-config.
Then (not with --static; needs prometheus and a build in dist/) starts the single server and Prometheus with its rendered files on ports of this machine, lets a
customer order, and asks Prometheus for every rule and every panel of the dashboard; last it ends the server and sees ServiceDown begin.
TEXT
}

static=
case "${1:-}" in
  -h | --help) usage; exit 0 ;;
  --static) static=1 ;;
  '') ;;
  *) usage >&2; exit 2 ;;
esac

root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
pids=()
# shellcheck disable=SC2317
finish() {
  [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
failed=0

check() { # check WHAT COMMAND...
  local what=$1
  shift
  if "$@" >"$work/out" 2>&1; then echo "ok    $what"; else
    echo "FAIL  $what"
    sed 's/^/      /' "$work/out"
    failed=1
  fi
}

older() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -1)" = "$1" ] && [ "$1" != "$2" ]; }

for folder in "$root"/deploy/rendered/*/; do
  name=$(basename "$folder")
  cd "$folder/prometheus"
  said=$(promtool check config --syntax-only prometheus.yml 2>&1 || true)
  if [[ $said == *'kubernetes_sd_configs not found'* ]]; then
    echo "skip  $name: prometheus.yml (this promtool was built without Kubernetes)"
  else
    check "$name: prometheus.yml" promtool check config --syntax-only prometheus.yml
  fi
  check "$name: alerts.yml" promtool check rules alerts.yml
  check "$name: each alert fires and is quiet" promtool test rules alerts.test.yml
  if command -v amtool >/dev/null; then
    cp ../alertmanager/alertmanager.yml "$work/alertmanager.yml"
    # Until 0.26 a URL could not be in a file.
    ! older "$(amtool --version 2>&1 | sed -n 's/^amtool, version \([0-9.]*\).*/\1/p')" 0.26.0 ||
      sed -i 's|url_file: .*|url: http://127.0.0.1:9|' "$work/alertmanager.yml"
    check "$name: alertmanager.yml" amtool check-config "$work/alertmanager.yml"
  else
    echo "skip  $name: alertmanager.yml (amtool is not installed)"
  fi
done

[ -z "$static" ] || exit "$failed"
command -v prometheus >/dev/null || { echo 'skip  the live part: prometheus is not installed'; exit "$failed"; }
[ -f "$root/dist/apps/nakku/src/main.js" ] || { echo 'skip  the live part: there is no build (npm run build)'; exit "$failed"; }

free() { node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }
port=$(free) watch=$(free)
printf 'verify-%s' "$RANDOM$RANDOM$RANDOM" >"$work/token"
NODE_ENV=development HOST=127.0.0.1 PORT=$port DATA_DIR=$work/data LOG_LEVEL=warn METRICS_TOKEN=$(<"$work/token") \
  node "$root/dist/apps/nakku/src/main.js" >"$work/server.log" 2>&1 &
server=$! pids+=($!)
node "$root/deploy/verify/monitoring.cjs" configure "$root/deploy/rendered/single-server/prometheus" "$work" "$port"
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" --web.listen-address="127.0.0.1:$watch" \
  --log.level=error >"$work/prometheus.log" 2>&1 &
pids+=($!)
live() { node "$root/deploy/verify/monitoring.cjs" "$1" "http://127.0.0.1:$watch" "$root/deploy/rendered/single-server/grafana/nakku.json"; }
check 'live: Prometheus scrapes the server with the token' live up
check 'live: a customer orders' "$root/deploy/verify/walk.sh" "http://127.0.0.1:$port"
check 'live: every rule is evaluated without error, and no alert fires' live rules
check 'live: every panel of the dashboard finds what it asks for' live panels
kill "$server" && wait "$server" 2>/dev/null || true
check 'live: without the server ServiceDown begins' live down
exit "$failed"
