#!/usr/bin/env bash
# Runs NGINX and HAProxy as the compose file does (not root, nothing to write to but /tmp) before containers that come and go under one name.
# about: the balancers run as the compose files run them, before gateways that come and go
# needs: docker
# order: 40
set -euo pipefail

case "${1:-}" in
  -h | --help)
    echo 'Usage: deploy/verify/edge-containers.sh. Needs docker with the images nginx:1.28, haproxy:3.0 and node:20-bookworm-slim.'
    exit 0 ;;
esac

root=$(cd "$(dirname "$0")/../.." && pwd)
rendered=$root/deploy/rendered/clustered
name=nakku-verify-edge
docker version >/dev/null 2>&1 || { echo 'skip  docker does not run'; exit 0; }
for image in nginx:1.28 haproxy:3.0 node:20-bookworm-slim; do
  docker image inspect "$image" >/dev/null 2>&1 || { echo "skip  there is no image $image"; exit 0; }
done

work=$(mktemp -d)
chmod 755 "$work"
clean() {
  docker rm -f "$name"-{nginx,haproxy,a,b,c} >/dev/null 2>&1 || true
  docker network rm "$name" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean EXIT
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout "$work/tls.key" -out "$work/tls.crt" 2>/dev/null
chmod 444 "$work"/tls.*

gateway() {
  docker run -d --name "$name-$1" --network "$name" --network-alias api-gateway node:20-bookworm-slim node -e "
    require('http').createServer((asked, answer) => answer.end(asked.url.startsWith('/health') ? '{}' : '$1')).listen(8080);
    process.on('SIGTERM', () => process.exit())" >/dev/null
}
balancer() { # KIND UID PORT ARGUMENTS...
  docker run -d --name "$name-$1" --network "$name" --user "$2:$2" --init --read-only --tmpfs /tmp:mode=1777 --cap-drop ALL \
    --security-opt no-new-privileges --sysctl net.ipv4.ip_unprivileged_port_start=0 -p "127.0.0.1:$3:443" \
    -v "$work/tls.crt:/run/secrets/tls.crt:ro" -v "$work/tls.key:/run/secrets/tls.key:ro" "${@:4}" >/dev/null
}
# Who answers twenty requests, in order of their names; a failure is an answer, too.
answering() {
  for _ in $(seq 20); do curl -sf --cacert "$work/tls.crt" "https://localhost:$1/api/v1/x" || echo -n '!'; echo; done | sort -u | tr -d '\n'
}
expect() {
  local kind=$1 port=$2 wanted=$3 found='' end=$((SECONDS + 20))
  until [ "$found" = "$wanted" ] || [ $SECONDS -gt $end ]; do found=$(answering "$port"); done
  [ "$found" = "$wanted" ] || { echo "FAIL  $kind: $found answer and not $wanted"; docker logs --tail 20 "$name-$kind"; exit 1; }
  echo "ok    $kind: $wanted answer"
}

docker network create "$name" >/dev/null
gateway a
gateway b
balancer nginx 101 28493 -v "$rendered/nginx/nginx.conf:/etc/nginx/nginx.conf:ro" -v "$rendered/nginx/watch.sh:/etc/nginx/watch.sh:ro" \
  -v "$rendered/nginx/upstream:/etc/nginx/upstream:ro" nginx:1.28 sh /etc/nginx/watch.sh
balancer haproxy 99 28494 -v "$rendered/haproxy/haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro" haproxy:3.0 haproxy -W -db -f /usr/local/etc/haproxy/haproxy.cfg
both() { expect nginx 28493 "$1" && expect haproxy 28494 "$1"; }
both ab
gateway c
both abc
docker stop -t 2 "$name-a" >/dev/null
for port in 28493 28494; do
  case "$(answering "$port")" in *'!'*) echo "FAIL  a gateway that is gone is seen on $port"; exit 1 ;; esac
done
both bc
docker stop -t 60 "$name-nginx" >/dev/null
[ "$(docker inspect -f '{{.State.ExitCode}}' "$name-nginx")" = 0 ] || { echo 'FAIL  NGINX does not end well'; exit 1; }
echo 'ok    nginx: ends when it is told to'
