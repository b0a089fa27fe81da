# One Redis, or a cluster of three masters. It is a cache: nothing is kept when it ends.
redis_node() { # redis_node NODE USUAL_PORT [OPTION...] -> PORT
  local node=$1 usual=$2; shift 2
  mkdir -p "$node/data"
  PORT=$(port_of "$node/port" "$usual")
  write_run "$node" "${REDIS_SERVER[@]}" --port "$PORT" --bind 127.0.0.1 --dir "$node/data" --save '' --appendonly no --daemonize no "$@"
  printf '[ "$(%s)" = PONG ]\n' "$(printf '%q ' "${REDIS_CLI[@]}" -p "$PORT" ping)" >"$node/ready"
}

up_redis() {
  use_redis
  redis_node "$RUN/redis" "$(usual 6379)"
  start_nodes "$RUN/redis"
  emit REDIS_URL "redis://127.0.0.1:$PORT/0"
  TOLD="$(redis_version), 127.0.0.1:$PORT"
}

up_redis-cluster() {
  use_redis
  local at=$RUN/redis-cluster i nodes=() list
  for i in 1 2 3; do
    redis_node "$at/$i" '' --cluster-enabled yes --cluster-config-file nodes.conf --cluster-node-timeout 2000
    nodes+=("127.0.0.1:$PORT")
  done
  start_nodes "$at"
  redis_cluster_ok ||
    "${REDIS_CLI[@]}" --cluster create "${nodes[@]}" --cluster-replicas 0 --cluster-yes >"$at/create.log" 2>&1 ||
    { cat "$at/create.log" >&2; die 'redis-cluster could not be made'; }
  # From now on a node only answers when it sees the whole cluster.
  for i in 1 2 3; do
    printf '%s | grep -q cluster_state:ok\n' "$(printf '%q ' "${REDIS_CLI[@]}" -p "$(cat "$at/$i/port")" cluster info)" >"$at/$i/ready"
    await_node "$at/$i" 30
  done
  list=$(IFS=,; echo "${nodes[*]}")
  emit REDIS_CLUSTER_NODES "$list"
  TOLD="$(redis_version) cluster, $list"
}

redis_cluster_ok() { "${REDIS_CLI[@]}" -p "$(cat "$RUN/redis-cluster/1/port")" cluster info | grep -q 'cluster_slots_assigned:16384'; }
redis_version() { "${REDIS_SERVER[@]}" --version | sed -E 's/.*v=([0-9.]+).*/Redis \1/'; }
