#!/usr/bin/env bash
# monitoring-containers.sh [PROFILE]   watches a profile with the Prometheus and Alertmanager of its own overlay, and waits for an alert to arrive
#   PROFILE   single-server, clustered, service-per-server (default), sharded
# Each copy of each process must be found and read, and each rule be evaluated; then notification (on the single server: all of Nakku) is stopped, and the
# alert must reach the URL in alert_webhook_url. It needs what compose.sh needs. Grafana, which only draws, is left out.
# about: Prometheus finds every copy in containers, and an alert reaches whoever is to be told
# needs: docker compose image
# order: 67
. "$(dirname "${BASH_SOURCE[0]}")/compose.lib.sh"
case ${1:-} in -h | --help) sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit ;; esac
WANTED=${1:-service-per-server}
known "$WANTED"
ready || { echo 'skipped: docker does not answer'; exit 0; }

profile "$WANTED"
export PROMETHEUS_PORT=${PROMETHEUS_PORT:-29090} ALERTMANAGER_PORT=${ALERTMANAGER_PORT:-29093}
compose() { docker compose -f "$FOLDER/$MAIN" -f "$FOLDER/docker-compose.monitoring.yml" -f "$WORK/small.yml" "$@"; }
trap take_down EXIT
prepare
printf %s http://pager:8000/ >"$SECRETS_DIR/alert_webhook_url"
# Whoever is to be told: writes what it is sent to its log, a line each.
cat >>"$WORK/small.yml" <<'YAML'
  pager:
    image: nakku/api-gateway:latest
    networks: [monitoring]
    entrypoint: [node, -e]
    command: ['require("http").createServer((q, r) => { q.pipe(process.stdout); q.on("end", () => { console.log(); r.end(); }); }).listen(8000)']
    healthcheck: { test: [CMD, "true"] }
YAML
# Who watches comes last: what does not answer while everything starts would be an alert, and no news to whoever was told of it already.
mapfile -t services < <(compose config --services | grep -vxE 'grafana|prometheus|alertmanager')
bring_up "${services[@]}"
bring_up prometheus alertmanager

case $PROFILE in single-server) VICTIM=nakku ;; *) VICTIM=notification-service ;; esac
# asked PATH SCRIPT: what Prometheus answers goes to a script as `data`; ends with 1 where that throws.
asked() {
  curl -fsS "http://127.0.0.1:$PROMETHEUS_PORT/api/v1/$1" |
    node -e "const { data } = JSON.parse(require('fs').readFileSync(0)); const assert = require('assert'); $2"
}
copies=$(docker compose -f "$FOLDER/$MAIN" ps --format '{{.Image}}' | grep -c '^nakku/') || fail 'there is no container of Nakku'
eventually 120 "Prometheus reading all $copies copies" asked targets \
  "assert.equal(data.activeTargets.filter(({ health, labels }) => health === 'up').length, $copies)"
say "Prometheus reads all $copies copies"
eventually 60 'every rule being evaluated' asked rules \
  "const rules = data.groups.flatMap(({ rules }) => rules); assert(rules.length > 10); for (const { health } of rules) assert.equal(health, 'ok')"
say "every rule is evaluated: $(asked rules "console.log(data.groups.flatMap(({ rules }) => rules).length)")"
# Until a copy was read for the first time, its service counts as down.
eventually 60 'every alert being quiet' asked alerts 'assert.deepEqual(data.alerts, [])'
started=$SECONDS stopped=$(date +%s)
compose stop "$VICTIM" >/dev/null 2>&1
told() {
  compose logs --no-log-prefix pager 2>/dev/null | VICTIM=$VICTIM STOPPED=$stopped node -e '
    const { VICTIM, STOPPED } = process.env;
    const lines = require("fs").readFileSync(0, "utf8").split("\n").filter(Boolean);
    const alerts = lines.flatMap((line) => JSON.parse(line).alerts);
    const news = ({ labels, startsAt }) =>
      labels.alertname === "ServiceDown" && labels.job === VICTIM && new Date(startsAt) > STOPPED * 1000;
    process.exit(alerts.some(news) ? 0 : 1);'
}
eventually 400 "an alert about $VICTIM" told
say "whoever is to be told was told $((SECONDS - started)) s after $VICTIM was stopped"
say 'passed'
