#!/bin/sh
# Rendered from deploy/topologies/service-per-server.yaml by `npx nakku topology render`. Change that, not this.
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
exec redis-server /tmp/redis.conf
