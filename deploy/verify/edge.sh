#!/usr/bin/env bash
# Holds what is rendered for the edge against the programs that read it, then runs NGINX and HAProxy before gateways and shows what clients see.
# about: balancers, Consul and firewalls take their files; clients see what docs/operations/edge.md says
# needs: node openssl root
# order: 15
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: deploy/verify/edge.sh [--static]

Checks deploy/rendered/*/{nginx,haproxy,firewall,consul}: nginx -t, gixy, haproxy -c, nft -c, consul validate, whichever of them are installed.
Then (not with --static) starts NGINX and HAProxy on ports of this machine and asks them: TLS, headers, limits, streams, failures, reloads,
and the README's first order through each. Needs root (for a hosts file of NGINX's own), openssl and a build in dist/.

  BALANCERS=nginx      only that one
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
trap 'rm -rf "$work"' EXIT
failed=0

has() { command -v "$1" >/dev/null || { echo "skip  $1 is not installed"; return 1; }; }
check() { # check WHAT COMMAND...
  local what=$1
  shift
  if "$@" >"$work/out" 2>&1; then echo "ok    $what"; else
    echo "FAIL  $what"
    sed 's/^/      /' "$work/out"
    failed=1
  fi
}

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout "$work/tls.key" -out "$work/tls.crt" 2>/dev/null

# The rendered folder with this certificate, and with an address for the name that is not known here.
prepare() {
  rm -rf "$work/etc"
  cp -r "$1" "$work/etc"
  find "$work/etc" -type f -exec sed -i "s#/run/secrets#$work#g" {} +
  sed -i -E 's/^( *server) [a-z0-9-]+:/\1 127.0.0.1:/' "$work"/etc/nginx/upstream/*.conf
}

tested() {
  nginx -t -c "$work/etc/nginx/nginx.conf"
}
no_findings() { # gixy ends with 0 whatever it finds
  gixy "$work/etc/nginx/nginx.conf" >"$work/gixy"
  cat "$work/gixy"
  ! grep -q '^>> Problem' "$work/gixy"
}
narrowed() { # the rules with a set that an operator has narrowed
  local rules=$1 role
  role=$(sed -n 's/^define \([A-Z_0-9]*\) = \$INTERNAL/\1/p' "$rules" | tail -1)
  mkdir -p "$work/addresses"
  echo "redefine $role = { 10.0.1.11, 10.0.1.12 }" >"$work/addresses/own.nft"
  sed "s#/etc/nakku/addresses#$work/addresses#" "$rules" >"$work/narrowed.nft"
  nft -c -f "$work/narrowed.nft"
}

has nginx && nginx=1 || nginx=
has gixy && gixy=1 || gixy=
has haproxy && haproxy=1 || haproxy=
has nft && nft=1 || nft=
has consul && consul=1 || consul=

for folder in "$root"/deploy/rendered/*/; do
  [ -d "$folder/nginx" ] || continue
  name=$(basename "$folder")
  prepare "$folder"
  [ -z "$nginx" ] || check "$name: nginx -t" tested
  [ -z "$gixy" ] || check "$name: gixy" no_findings
  [ -z "$haproxy" ] || check "$name: haproxy -c" haproxy -c -f "$work/etc/haproxy/haproxy.cfg"
  check "$name: sh -n watch.sh" sh -n "$folder/nginx/watch.sh"
  if [ -n "$nft" ]; then
    for rules in "$folder"firewall/*.nft; do
      check "$name: nft -c $(basename "$rules")" nft -c -f "$rules"
    done
    check "$name: nft -c with addresses of an operator" narrowed "$folder/firewall/$(ls "$folder/firewall" | grep -v '^balancer' | head -1)"
  fi
  if [ -n "$consul" ] && [ -d "$folder/consul" ]; then
    mkdir -p "$work/consul/all" "$work/consul/one"
    rm -f "$work"/consul/*/*
    echo '{"data_dir":"/nowhere","bind_addr":"127.0.0.1"}' | tee "$work/consul/all/agent.json" >"$work/consul/one/agent.json"
    cp "$folder"consul/*.json "$work/consul/all"
    cp "$folder"consul/servers/*.json "$work/consul/one"
    check "$name: consul validate, one agent" consul validate "$work/consul/all"
    check "$name: consul validate, an agent on each server" consul validate "$work/consul/one"
  fi
done

# Two servers with one cable: the order service's rules let the gateway's address in to its port, and nobody to another one.
firewalled() {
  local inside=nakku-verify-in outside=nakku-verify-out pid=''
  ip netns add "$inside" && ip netns add "$outside"
  trap 'ip netns del nakku-verify-in; ip netns del nakku-verify-out; rm -rf "$work"' EXIT
  ip link add nakku-v0 netns "$inside" type veth peer name nakku-v1 netns "$outside"
  ip -n "$inside" addr add 10.77.0.1/24 dev nakku-v0 && ip -n "$inside" link set nakku-v0 up
  ip -n "$outside" addr add 10.77.0.2/24 dev nakku-v1 && ip -n "$outside" addr add 10.77.0.3/24 dev nakku-v1
  ip -n "$outside" link set nakku-v1 up
  mkdir -p "$work/addresses"
  printf 'redefine %s = { 10.77.0.2 }\n' API_GATEWAY CART_SERVICE PAYMENT_SERVICE MONITORING MANAGEMENT >"$work/addresses/own.nft"
  sed "s#/etc/nakku/addresses#$work/addresses#" "$root/deploy/rendered/clustered/firewall/order-service.nft" >"$work/order.nft"
  ip netns exec "$inside" nft -f "$work/order.nft"
  ip netns exec "$inside" node -e 'for (const port of [8084, 8085]) require("net").createServer().listen(port, "10.77.0.1")' &
  pid=$!
  sleep 1
  reaches() { ip netns exec "$outside" node -e 'const [localAddress, port] = process.argv.slice(1);
    require("net").connect({ host: "10.77.0.1", port, localAddress }, () => process.exit(0)).on("error", () => process.exit(1));
    setTimeout(() => process.exit(1), 1500)' "$@"; }
  local good=0
  reaches 10.77.0.2 8084 || { echo 'the gateway cannot reach the order service'; good=1; }
  ! reaches 10.77.0.3 8084 || { echo 'a stranger reaches the order service'; good=1; }
  ! reaches 10.77.0.2 8085 || { echo 'the gateway reaches a port that is not open'; good=1; }
  kill "$pid"
  return "$good"
}

if [ -z "$static" ]; then
  if [ -n "$nft" ] && [ "$(id -u)" = 0 ] && has ip; then check 'rules in force between two network namespaces' firewalled; fi
  for kind in nginx haproxy; do has "$kind" || BALANCERS=$(printf '%s' "${BALANCERS:-nginx,haproxy}" | tr ',' '\n' | grep -v "^$kind$" | paste -sd,); done
  export BALANCERS=${BALANCERS-nginx,haproxy}
  if [ -n "$BALANCERS" ]; then
    [ -f "$root/dist/apps/nakku/src/main.js" ] || (cd "$root" && npm run build)
    node --test --test-reporter=spec "$root/deploy/verify/edge/" || failed=1
  fi
fi
exit "$failed"
