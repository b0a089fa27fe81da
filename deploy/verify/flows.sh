#!/usr/bin/env bash
# flows.sh [PROFILE...]   runs the flow suite, the same that npm test runs on processes, on profiles in containers, through their balancer on TLS
#   PROFILE   single-server, clustered, service-per-server, sharded; without any, service-per-server and clustered
# An order that nobody pays is given up after 20 s instead of minutes, and rate limits are off, as one machine is all the customers. It needs what compose.sh needs.
# about: what must hold of orders, and of what can go wrong with them, holds in containers behind the balancer
# needs: docker compose image
# order: 68
. "$(dirname "${BASH_SOURCE[0]}")/compose.lib.sh"
case ${1:-} in -h | --help) sed -n '2,4s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit ;; esac
[ $# -gt 0 ] || set -- service-per-server clustered
for one; do known "$one"; done
ready || { echo 'skipped: docker does not answer'; exit 0; }

compose() { docker compose -f "$FOLDER/$MAIN" -f "$WORK/small.yml" -f "$WORK/flows.yml" "$@"; }
trap take_down EXIT
cd "$ROOT"
for one; do
  profile "$one"
  prepare
  docker compose -f "$FOLDER/$MAIN" config --format json | node -e '
    const { services } = JSON.parse(require("fs").readFileSync(0));
    const environment = { RATE_LIMITS: "off", ORDER_TIMEOUT_MS: "20000", PAYMENT_PROVIDER_TIMEOUT_MS: "2000" };
    const ours = Object.entries(services).filter(([, { image, command }]) => image.startsWith("nakku/") && !command);
    console.log(JSON.stringify({ services: Object.fromEntries(ours.map(([name]) => [name, { environment }])) }));
  ' >"$WORK/flows.yml"
  bring_up
  # The certificate is this trial's own.
  NAKKU_URL=https://localhost:$HTTPS_PORT NODE_EXTRA_CA_CERTS=$SECRETS_DIR/tls.crt NAKKU_WEBHOOK_SECRET=$(<"$SECRETS_DIR/payment_webhook_secret") \
    npx jest --config deploy/verify/jest.config.cjs test/flows/containers
  say 'passed'
  take_down
done
