# One Kafka broker, or a cluster of three, in KRaft mode.
# kafka_cluster NAME NODES
kafka_cluster() {
  local name=$1 count=$2 i at=$RUN/$1 voters= brokers= ports=() quorum=()
  local replication=$((count >= 3 ? 3 : 1)) in_sync=$((count >= 3 ? 2 : 1))
  nodes_named "$count"
  for ((i = 0; i < count; i++)); do
    mkdir -p "$at${NODES[i]}"
    ports[i]=$(port_of "$at${NODES[i]}/port" "$([ "$count" = 1 ] && usual 9092)")
    quorum[i]=$(port_of "$at${NODES[i]}/quorum-port")
    voters+=",$((i + 1))@127.0.0.1:${quorum[i]}" brokers+=",127.0.0.1:${ports[i]}"
  done
  [ -f "$at/cluster-id" ] || head -c 16 /dev/urandom | base64 | tr '+/' 'AB' | tr -d '=' >"$at/cluster-id"
  kafka_logging "$at"
  local java=(java -Xms64m "-Xmx${KAFKA_HEAP:-256m}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true
    -Djava.net.preferIPv4Stack=true "-Dlog4j.configuration=file:$at/log4j.properties"
    "-Dlog4j2.configurationFile=$at/log4j2.properties" -cp "$KAFKA_HOME/libs/*")
  local formatting=()
  for ((i = 0; i < count; i++)); do
    local node=$at${NODES[i]}
    kafka_properties >"$node/server.properties"
    write_run "$node" "${java[@]}" kafka.Kafka "$node/server.properties"
    # It answers when it says so; after a restart only the words since then count.
    printf 'tail -n +"$(cat %q)" %q | grep -q "Kafka Server started"\n' "$node/log-from" "$node/log" >"$node/ready"
    sed -i "1i echo \$(( \$(wc -l <'$node/log') + 1 )) >'$node/log-from'" "$node/run"
    [ -f "$node/data/meta.properties" ] && continue
    "${java[@]}" kafka.tools.StorageTool format -t "$(cat "$at/cluster-id")" -c "$node/server.properties" >"$node/format.log" 2>&1 &
    formatting+=("$!:$node")
  done
  for i in "${formatting[@]}"; do wait "${i%%:*}" || { cat "${i#*:}/format.log" >&2; die "$name: its data folder could not be made"; }; done
  start_nodes "$at"
  emit KAFKA_BROKERS "${brokers#,}"
  [ "$count" = 1 ] || emit KAFKA3_BROKERS "${brokers#,}" # for a test that has both
  TOLD="Kafka $KAFKA_VERSION, ${brokers#,}"
}

kafka_properties() { # of the node i
  cat <<CONF
process.roles=broker,controller
node.id=$((i + 1))
controller.quorum.voters=${voters#,}
listeners=PLAINTEXT://127.0.0.1:${ports[i]},CONTROLLER://127.0.0.1:${quorum[i]}
advertised.listeners=PLAINTEXT://127.0.0.1:${ports[i]}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$node/data
auto.create.topics.enable=false
num.partitions=3
default.replication.factor=$replication
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$replication
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=$replication
transaction.state.log.min.isr=$in_sync
transaction.state.log.num.partitions=5
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
CONF
}

kafka_logging() { # of log4j 1 (Kafka 3) and 2 (Kafka 4)
  cat >"$1/log4j.properties" <<'CONF'
log4j.rootLogger=WARN,o
log4j.logger.kafka.server.KafkaRaftServer=INFO
log4j.appender.o=org.apache.log4j.ConsoleAppender
log4j.appender.o.layout=org.apache.log4j.PatternLayout
log4j.appender.o.layout.ConversionPattern=%d{ISO8601} %p %c{1} %m%n
CONF
  cat >"$1/log4j2.properties" <<'CONF'
appender.o.type=Console
appender.o.name=o
appender.o.layout.type=PatternLayout
appender.o.layout.pattern=%d{ISO8601} %p %c{1} %m%n
rootLogger.level=warn
rootLogger.appenderRef.o.ref=o
logger.k.name=kafka.server.KafkaRaftServer
logger.k.level=info
CONF
}

up_kafka() { kafka_cluster kafka 1; }
up_kafka3() { kafka_cluster kafka3 3; }
