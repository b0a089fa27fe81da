#!/usr/bin/env bash
# Runs deploy/blue-green.sh on a small deployment under load: no request may fail while versions change, and a sick version must not come to serve.
# about: versions change under load without a failed request, and sick ones do not come to serve
# needs: docker compose image build
# order: 65
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: deploy/verify/blue-green.sh [--keep]

Needs docker with compose, a build in dist/, and an image of Nakku: NAKKU_IMAGE (nakku/api-gateway:latest). Brings up projects of its own, named
nakku-verify, on HTTPS_PORT (28443). --keep leaves everything running.
TEXT
}

keep=
case "${1:-}" in
  -h | --help) usage; exit 0 ;;
  --keep) keep=1 ;;
  '') ;;
  *) usage >&2; exit 2 ;;
esac

root=$(cd "$(dirname "$0")/../.." && pwd)
image=${NAKKU_IMAGE:-nakku/api-gateway:latest}
docker version >/dev/null 2>&1 || { echo 'skip  docker does not run'; exit 0; }
docker image inspect "$image" >/dev/null 2>&1 || { echo "skip  there is no image $image: docker/build.sh makes it"; exit 0; }

. "$root/docker/client.sh" # sets DOCKER to a client that builds

work=$(mktemp -d)
chmod 755 "$work"
folder=$work/rendered/small
export NAKKU_RENDERED=$work/rendered NAKKU_STATE=$work/state SECRETS_DIR=$work/secrets NODE_ENV=development NAKKU_SEED=demo
export HTTP_PORT=${HTTP_PORT:-28080} HTTPS_PORT=${HTTPS_PORT:-28443}
export NAKKU_PROJECT=nakku-verify
main() { docker compose --project-directory "$folder" -f "$folder/docker-compose.yml" -p "$NAKKU_PROJECT" "$@"; }
load_pid=

clean() {
  local code=$?
  trap - EXIT
  [ -z "$load_pid" ] || kill "$load_pid" 2>/dev/null || true
  if [ -n "$keep" ]; then
    echo "kept: $work"
    exit "$code"
  fi
  [ "$code" -eq 0 ] || main logs --tail 20 nginx 2>/dev/null | tail -20 || true
  for colour in blue green; do
    docker compose --project-directory "$folder" -f "$folder/docker-compose.$colour.yml" -p "$NAKKU_PROJECT-$colour" down --volumes --timeout 5 >/dev/null 2>&1 || true
  done
  main down --volumes --timeout 5 >/dev/null 2>&1 || true
  for name in $(docker images --format '{{.Repository}}:{{.Tag}}' | grep ':verify-'); do docker rmi -f "$name" >/dev/null; done
  rm -rf "$work"
  exit "$code"
}
trap clean EXIT

# version TAG < lines of a Dockerfile
version() {
  { echo "FROM $image"; echo 'COPY small.yaml deploy/topologies/small.yaml'; echo 'COPY sick.cjs ./'; echo 'ENV RATE_LIMITS=off'; cat; } >"$work/image/Dockerfile"
  DOCKER_BUILDKIT=1 "$DOCKER" build -q -t "nakku/api-gateway:$1" -t "nakku/shop:$1" "$work/image" >/dev/null
}

echo "== images of five versions, two of them good"
mkdir "$work/image"
cp "$root/deploy/verify/blue-green/small.yaml" "$root/deploy/verify/blue-green/sick.cjs" "$work/image"
version verify-1 </dev/null
version verify-2 <<<'ENV NAKKU_RELEASE=2'
version verify-dead <<<'ENV GATEWAY_TIMEOUT_MS=never'
version verify-deaf <<<$'ENV SICK=all\nCMD ["node", "--require", "./sick.cjs", "dist/apps/nakku/src/main.js"]'
version verify-late <<<$'ENV SICK=behind-balancer\nCMD ["node", "--require", "./sick.cjs", "dist/apps/nakku/src/main.js"]'
small=$root/deploy/verify/blue-green/small.yaml
node "$root/tools/nakku.cjs" topology render "$small" --into "$work"
node "$root/tools/nakku.cjs" secrets init --topology "$small" --folder "$SECRETS_DIR" --host localhost
sed -i "s/name: nakku_/name: ${NAKKU_PROJECT}_/" "$folder"/docker-compose.*.yml

blue_green() { "$root/deploy/blue-green.sh" "$@"; }
serving() { blue_green status --topology small | sed -n 's/^serves: \([a-z]*\).*/\1/p'; }
expect_serving() { [ "$(serving)" = "$1" ] || { echo "FAIL  $(serving) serves and not $1"; exit 1; }; }

start_load() {
  node "$root/deploy/verify/blue-green/load.mjs" "$HTTPS_PORT" "$SECRETS_DIR/tls.crt" >"$work/load.out" 2>&1 &
  load_pid=$!
  sleep 3
}
# Prints what the shoppers saw; fails where something failed, unless that is expected.
end_load() {
  kill -TERM "$load_pid"
  wait "$load_pid" || true
  load_pid=
  echo "      $(cat "$work/load.out")"
  [ "${1:-}" = whatever ] || grep -q '"failed":0,' "$work/load.out" || { echo "FAIL  requests failed: $2"; exit 1; }
  grep -Eq '"orders":[1-9]' "$work/load.out" || { echo 'FAIL  no order was placed'; exit 1; }
}

echo '== the first version'
blue_green prepare --topology small
NAKKU_VERSION=verify-1 main up -d --quiet-pull >"$work/up.log" 2>&1 || { tail -20 "$work/up.log"; exit 1; }
for _ in $(seq 90); do
  ! curl -fsk "https://localhost:$HTTPS_PORT/api/v1/location/serviceability?lat=12.9352&lng=77.6245" >/dev/null 2>&1 || ready=1
  [ -z "${ready:-}" ] || break
  sleep 2
done
[ -n "${ready:-}" ] || { echo 'FAIL  the first version does not answer'; main ps -a; exit 1; }
expect_serving main

cat >"$work/smoke" <<'TEXT'
SMOKE_EMAIL=customer@nakku.test
SMOKE_PASSWORD=nakku-customer-demo
SMOKE_LAT=12.9352
SMOKE_LNG=77.6245
SMOKE_QUERY=milk
TEXT
options=(--topology small --smoke "$work/smoke" --watch 10)

echo '== a good version, under load'
start_load
blue_green deploy "${options[@]}" --version verify-2
end_load checked 'a good version'
expect_serving blue

echo '== the next one, and back again'
start_load
blue_green deploy "${options[@]}" --version verify-1
expect_serving green
blue_green rollback "${options[@]}"
end_load checked 'the next version and back'
expect_serving blue

echo '== a version that does not start, and one that answers nothing but its health'
start_load
for sick in verify-dead verify-deaf; do
  if blue_green deploy "${options[@]}" --version "$sick"; then echo "FAIL  $sick was taken for good"; exit 1; fi
  expect_serving blue
done
end_load checked 'sick versions'

echo '== a run that is killed half way, and the next'
start_load
setsid "$root/deploy/blue-green.sh" deploy "${options[@]}" --version verify-1 >"$work/killed.log" 2>&1 &
killed=$!
for _ in $(seq 200); do ! grep -q 'NGINX asks' "$work/killed.log" || break; sleep 1; done
kill -KILL -- "-$killed" 2>/dev/null || true
wait "$killed" 2>/dev/null || true
expect_serving green
blue_green deploy "${options[@]}" --version verify-2
end_load checked 'a killed run'
expect_serving blue

echo '== a version that fails when shoppers come'
start_load
if blue_green deploy "${options[@]}" --version verify-late; then echo 'FAIL  verify-late was taken for good'; exit 1; fi
end_load whatever
expect_serving blue
start_load
sleep 5
end_load checked 'after the way back'
echo 'ok    blue-green'
