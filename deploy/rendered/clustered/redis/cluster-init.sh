#!/bin/sh
# Rendered from deploy/topologies/clustered.yaml by `npx nakku topology render`. Change that, not this.
# Makes a cluster of the nodes. Where there is one already it does nothing.
set -eu
REDISCLI_AUTH=$(cat /run/secrets/redis_password)
export REDISCLI_AUTH
address() { getent hosts "$1" | cut -d' ' -f1; }
slots() { redis-cli -h redis-1 cluster info | grep -c 'cluster_slots_assigned:16384' || true; }
if [ "$(slots)" = 0 ]; then
  nodes=
  for host in redis-1 redis-2 redis-3; do nodes="$nodes $(address "$host"):6379"; done
  redis-cli --cluster create $nodes --cluster-replicas 0 --cluster-yes
fi
tries=0
until redis-cli -h redis-1 cluster info | grep -q 'cluster_state:ok'; do
  tries=$((tries + 1))
  [ "$tries" -lt 60 ] || { echo 'the nodes do not find together within a minute' >&2; exit 1; }
  sleep 1
done
echo 'the cluster is well'
