#!/usr/bin/env bash
# faults.sh [OPTION...]   kills parts of the clustered profile while orders come in, and holds the books against each other afterwards
# One gateway, one copy of order-service, a Kafka broker, a MySQL replica, a Redis node, then all of Redis; at last MySQL's primary, whose place a
# replica takes. It needs what compose.sh needs. What follows goes to jest, e.g. -t primary.
# about: parts of the clustered profile are killed under orders, and nothing is lost
# needs: docker compose image
# order: 70
. "$(dirname "${BASH_SOURCE[0]}")/compose.lib.sh"
case ${1:-} in -h | --help) sed -n '2,4s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit ;; esac
ready || { echo 'skipped: docker does not answer'; exit 0; }

profile clustered
trap take_down EXIT
prepare
bring_up
cd "$ROOT"
# The certificate is this trial's own.
NAKKU_URL=https://localhost:$HTTPS_PORT NAKKU_COMPOSE_FILE=$FOLDER/$MAIN NODE_EXTRA_CA_CERTS=$SECRETS_DIR/tls.crt \
  npx jest --config deploy/verify/jest.config.cjs test/faults/containers "$@"
say 'passed'
