#!/bin/sh
# Rendered from deploy/topologies/sharded.yaml by `npx nakku topology render`. Change that, not this.
# Starts Redis. It holds what can be had elsewhere (caches, limits, positions): when its memory is full, the oldest goes.
set -eu
REDISCLI_AUTH=$(cat /run/secrets/redis_password)
export REDISCLI_AUTH
address() { getent hosts "$1" | cut -d' ' -f1; }
umask 077
cat >/tmp/redis.conf <<CONF
port 6379
dir /data
appendonly yes
appendfsync everysec
save ""
maxmemory 256mb
maxmemory-policy allkeys-lru
requirepass $REDISCLI_AUTH
masterauth $REDISCLI_AUTH
CONF
cat >>/tmp/redis.conf <<CONF
cluster-enabled yes
cluster-config-file nodes.conf
cluster-node-timeout 5000
# While one node is away the others answer for what they hold.
cluster-require-full-coverage no
# Clients are told names: addresses change when containers are made anew.
cluster-announce-hostname $(hostname)
cluster-preferred-endpoint-type hostname
CONF
# Nodes know each other by address. Whoever comes back tells the others his, so that the cluster finds together though all have moved.
if [ -s /data/nodes.conf ]; then
  (
    until redis-cli ping 2>/dev/null | grep -q PONG; do sleep 1; done
    for peer in redis-1 redis-2 redis-3; do
      [ "$peer" != "$(hostname)" ] && at=$(address "$peer") && [ -n "$at" ] && redis-cli cluster meet "$at" 6379 >/dev/null || true
    done
  ) &
fi
exec redis-server /tmp/redis.conf
