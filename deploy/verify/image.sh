#!/usr/bin/env bash
# image.sh [--no-build]   builds Nakku's image and holds it to what docker/Dockerfile promises
#   --no-build   checks what nakku/nakku:verify is already
# Lints the Dockerfile (if hadolint is there), builds, and checks: size, what is inside and what is not, the inventory, the
# user, a read-only root, health, the README's order on a single server with demo data, SIGTERM, restart and kill -9 with
# the data kept, and that each service, started with nothing, says what it lacks. Needs docker; leaves the tags nakku/*:verify.
# about: the image is small, holds what it should, and runs as it must
# needs: docker
# order: 30
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
IMAGE=nakku/nakku:verify
NAME=nakku-verify-image-$$

case "${1:-}" in
  -h | --help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit ;;
  '' | --no-build) ;;
  *) echo "image: unknown option $1 (--help)" >&2; exit 2 ;;
esac
. "$ROOT/docker/client.sh"
. "$HERE/walk.sh"

say() { echo "image: $*"; }
die() { echo "image: FAILED: $*" >&2; "$DOCKER" logs --tail 20 "$NAME" >&2 2>/dev/null || true; exit 1; }
inside() { "$DOCKER" run --rm -i --network none "$IMAGE" "$@"; }
clean() { "$DOCKER" rm -fv "$NAME" >/dev/null 2>&1 || true; "$DOCKER" volume rm "$NAME" >/dev/null 2>&1 || true; }
trap clean EXIT

lint() {
  if command -v hadolint >/dev/null; then hadolint "$ROOT/docker/Dockerfile" && say 'hadolint has nothing to say'
  else say 'hadolint is not here: Dockerfile not linted'; fi
}

# ---- what is inside ----------------------------------------------------------------------------------------------
contents() {
  local found
  found=$(inside find / -xdev \( -path '/app/*.ts' -o -path '/app/*.map' -o -path '/app/*.spec.*' -o -path '/app/test' -o -name .npmrc -o -name .env -o -path '/app/deploy/secrets' \) \
    -not -path '/usr/*' -not -path '/proc/*' 2>/dev/null || true)
  [ -z "$found" ] || die "has no place in the image: $found"
  found=$("$DOCKER" image inspect -f '{{range .Config.Env}}{{println .}}{{end}}' "$IMAGE" | grep -iE 'secret|password|token|key=' || true)
  [ -z "$found" ] || die "a secret in the environment of the image: $found"
  [ "$(inside id -u)" = 1000 ] || die 'does not run as user 1000'
  inside node - <<'JS' || die 'the inventory differs from what is installed'
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const packages = (folder) => readdirSync(folder).filter((name) => !name.startsWith('.')).flatMap((name) => {
  const path = join(folder, name);
  if (name.startsWith('@')) return packages(path);
  const nested = join(path, 'node_modules');
  const { name: called, version } = read(join(path, 'package.json'));
  return [`${called}@${version}`, ...(existsSync(nested) ? packages(nested) : [])];
});
const listed = new Set(read('/app/sbom.cdx.json').components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version}`));
const missing = packages('/app/node_modules').filter((name) => !listed.has(name));
if (missing.length > 0) console.error('installed, not listed:', missing.join(', '));
process.exitCode = missing.length > 0 || listed.size < 100 ? 1 : 0;
JS
  say 'no sources, maps or settings inside; every package is in the inventory; runs as user 1000'
}

# ---- a single server -----------------------------------------------------------------------------------------------
state() { "$DOCKER" inspect -f "{{$1}}" "$NAME"; }
url() { echo "http://127.0.0.1:$("$DOCKER" port "$NAME" 8080/tcp | sed -n '1s/.*://p')"; }
await_health() {
  local end=$((SECONDS + 90))
  until [ "$(state .State.Health.Status)" = healthy ]; do
    { [ $SECONDS -lt $end ] && [ "$(state .State.Running)" = true ]; } || die "does not become healthy: $("$DOCKER" inspect -f '{{json .State.Health}}' "$NAME")"
    sleep 1
  done
}
last_order() { # the status of the customer's last order
  local token
  token=$(curl -sf "$(url)/api/v1/users/login" -H 'Content-Type: application/json' -d '{"email":"customer@nakku.test","password":"nakku-customer-demo"}' | sed -E 's/.*"accessToken":"([^"]+)".*/\1/')
  curl -sf "$(url)/api/v1/orders" -H "Authorization: Bearer $token" | grep -o '"status":"delivered"' | head -1
}
single_server() {
  "$DOCKER" run -d --name "$NAME" --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges -m 512m -v "$NAME:/var/lib/nakku" \
    -p 127.0.0.1::8080 --health-interval 1s -e NODE_ENV=development -e NAKKU_SEED=demo "$IMAGE" >/dev/null
  await_health
  say "healthy $(($(date +%s) - $(date -d "$(state .State.StartedAt)" +%s))) s after the start, read-only, without capabilities"
  walk "$(url)" >/dev/null || die 'the order of the README'
  say "the order of the README was delivered; $("$DOCKER" stats --no-stream --format '{{.MemUsage}}' "$NAME") in use"

  local started=$SECONDS
  "$DOCKER" stop -t 30 "$NAME" >/dev/null
  [ "$(state .State.ExitCode)" = 0 ] || die "ended with $(state .State.ExitCode) on SIGTERM"
  say "SIGTERM ends it with exit code 0 after $((SECONDS - started)) s"
  local how
  for how in stop kill; do
    "$DOCKER" "$how" "$NAME" >/dev/null 2>&1 || true
    "$DOCKER" start "$NAME" >/dev/null
    await_health
    [ -n "$(last_order)" ] || die "the order is gone after $how and start"
  done
  walk "$(url)" >/dev/null || die 'the order of the README, after kill -9'
  say 'after stop and after kill -9 the order is still there, and the next is delivered'
}

# ---- every service from its tag ------------------------------------------------------------------------------------
services() {
  local app said code
  for app in $("$DOCKER" image ls --format '{{.Repository}}:{{.Tag}}' --filter 'reference=nakku/*:verify' | sort); do
    code=0
    said=$("$DOCKER" run --rm --network none --read-only "$app" 2>&1) || code=$?
    { [ "$code" = 1 ] && [[ $said == *'must be set'* ]] && [[ $said != *'    at '* ]]; } || die "$app, started with nothing, should say what it lacks; exit code $code: $said"
  done
  say 'every tag starts, and says in a line what it lacks'
  if inside test -f /app/dist/apps/nakku/src/cli.js; then
    [[ $(inside nakku --help) == *topology* ]] || die 'nakku --help'
    say 'nakku --help answers'
  else say 'no command line in this build: not tried'; fi
}

if [ "${1:-}" != --no-build ]; then
  lint
  LATEST=no "$ROOT/docker/build.sh" --version verify --sbom "$(mktemp -u)"
fi
contents
single_server
services
say 'all as promised'
