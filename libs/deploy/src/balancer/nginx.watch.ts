import { headline } from '../artefact.js';
import type { Deployment } from '../deployment.js';

/** The script that runs NGINX, with the text of its own that it needs no tool but a shell and getent. */
export const nginxWatch = (deployment: Deployment): string => `#!/bin/sh
${headline(deployment)}
# Runs NGINX and keeps it in step: NGINX looks names up and reads its certificate when it loads, so whenever the addresses of the gateways, the upstream
# file or the certificate have changed, it is told to reload. A configuration that NGINX does not like changes nothing.
set -u

CONF=\${NGINX_CONF:-/etc/nginx/nginx.conf}
EVERY=\${WATCH_SECONDS:-2}
UPSTREAMS=$(dirname "$CONF")/upstream
CERTIFICATE=\${NGINX_CERTIFICATE:-/run/secrets/tls.crt}

say() { echo "watch: $*" >&2; }
names() { sed -n 's/^ *server  *\\([^:; ]*\\):[0-9].*/\\1/p' "$UPSTREAMS"/*.conf; }

# Prints every address of every name; fails where a name has none.
addresses() {
  for name in $(names); do
    found=$(getent ahosts "$name" | cut -d' ' -f1 | sort -u)
    [ -n "$found" ] || { echo "$name" >&3; return 1; }
    echo "$name" $found
  done
}

# All that NGINX reads only once.
state() { known=$(addresses 3>/dev/null) && echo "$known" && cat "$UPSTREAMS"/*.conf "$CERTIFICATE" 2>/dev/null | cksum; }

# From 1.27.4 on NGINX can leave idle connections of clients open while it reloads, so that no request that is on its way is cut off.
prepare() {
  RUN=$(sed -n 's/^pid \\(.*\\)\\.pid;/\\1.conf/p' "$CONF")
  sed -e "s#include upstream/#include $UPSTREAMS/#" -e 's/^\\( *\\)keepalive_timeout 65s;/&\\n\\1keepalive_min_timeout 10s;/' \\
    -e 's/ ssl http2 default_server;/ ssl default_server;\\n        http2 on;/' -e '/^ *# From 1.25.1/d' "$CONF" >"$RUN"
  nginx -t -q -c "$RUN" 2>/dev/null || RUN=$CONF
}

stopping=
nginx_pid=
stop() {
  stopping=1
  [ -n "$nginx_pid" ] || exit 0
  kill -QUIT "$nginx_pid" 2>/dev/null
}
trap stop TERM INT QUIT

tries=0
until last=$(state); do
  [ -z "$stopping" ] || exit 0
  [ $((tries % 10)) -ne 0 ] || say "waiting for the address of $(names | tr '\\n' ' ')"
  tries=$((tries + 1))
  sleep 1
done

prepare
nginx -c "$RUN" -g 'daemon off;' &
nginx_pid=$!

while [ -z "$stopping" ] && kill -0 "$nginx_pid" 2>/dev/null; do
  sleep "$EVERY" &
  wait $! # a signal ends this wait, but would not end a sleep
  [ -z "$stopping" ] || break
  # A name that has no address at the moment keeps the addresses that it had.
  now=$(state) || continue
  [ "$now" != "$last" ] || continue
  last=$now
  if why=$(nginx -t -q -c "$CONF" 2>&1); then
    say 'something changed: reload'
    prepare
    kill -HUP "$nginx_pid"
  else
    say "something changed, but NGINX does not take it: $why"
  fi
done

# Requests may take 35 s; streams of events have no end.
waited=0
while [ -n "$stopping" ] && kill -0 "$nginx_pid" 2>/dev/null && [ "$waited" -lt 40 ]; do
  sleep 1
  waited=$((waited + 1))
done
[ -z "$stopping" ] || kill -TERM "$nginx_pid" 2>/dev/null
wait "$nginx_pid"
`;
