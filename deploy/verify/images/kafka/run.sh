#!/bin/bash
# What the official image of Kafka does at its start: KAFKA_X_Y becomes x.y in server.properties, the log folder is formatted once.
set -e
config=/opt/kafka/config
export CLUSTER_ID=${CLUSTER_ID:-5L6g3nShT-eMCtK--X86sw}
for folder in "$config" /opt/kafka/logs; do [ -w "$folder" ] || { echo "$folder not writable"; exit 1; }; done
if [ "${KAFKA_PROCESS_ROLES:-}" = controller ] && [ -n "${KAFKA_ADVERTISED_LISTENERS:-}" ]; then
  echo 'KAFKA_ADVERTISED_LISTENERS is not supported on a KRaft controller.'; exit 1
fi
if [ -z "${KAFKA_LISTENERS:-}" ] && [ -n "${KAFKA_ADVERTISED_LISTENERS:-}" ]; then
  # shellcheck disable=SC2001
  KAFKA_LISTENERS=$(sed -e 's|://[^:]*:|://0.0.0.0:|g' <<<"$KAFKA_ADVERTISED_LISTENERS"); export KAFKA_LISTENERS
fi
cp /etc/kafka/docker/log4j.properties /etc/kafka/docker/tools-log4j.properties "$config/"
rm -f "$config/server.properties"
cp -R /mnt/shared/config/. "$config/"

# KAFKA_A__B_C___D -> a_b.c-d
properties() {
  env | grep '^KAFKA_' | grep -vE '^KAFKA_(VERSION|HEAP_OPTS|OPTS|JMX_OPTS|JMX_PORT|JMX_HOSTNAME|JVM_PERFORMANCE_OPTS|GC_LOG_OPTS|LOG4J_[A-Z0-9_]*|TOOLS_LOG4J_[A-Z0-9_]*)=' |
    while IFS='=' read -r name value; do
      name=${name#KAFKA_}; name=${name,,}; name=${name//___/-}; name=${name//__/$'\x01'}; name=${name//_/.}
      printf '%s=%s\n' "${name//$'\x01'/_}" "$value"
    done
}
properties >>"$config/server.properties"
if [ ! -s "$config/server.properties" ]; then
  cat >"$config/server.properties" <<'CONF'
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@localhost:9093
listeners=PLAINTEXT://:9092,CONTROLLER://:9093
advertised.listeners=PLAINTEXT://localhost:9092
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
CONF
fi
grep -q '^log.dirs\?=' "$config/server.properties" || echo 'log.dirs=/tmp/kraft-combined-logs' >>"$config/server.properties"
KAFKA_HEAP_OPTS=-Xmx128M /opt/kafka/bin/kafka-run-class.sh kafka.tools.StorageTool format --ignore-formatted -t "$CLUSTER_ID" -c "$config/server.properties"
export KAFKA_HEAP_OPTS=${KAFKA_HEAP_OPTS:--Xmx1G -Xms1G} KAFKA_LOG4J_OPTS=${KAFKA_LOG4J_OPTS:--Dlog4j.configuration=file:$config/log4j.properties}
# shellcheck disable=SC2086  # several options in one variable
exec java $KAFKA_HEAP_OPTS ${KAFKA_JVM_PERFORMANCE_OPTS:--XX:+UseG1GC} "-Xlog:gc:file=/opt/kafka/logs/kafkaServer-gc.log:time:filecount=2,filesize=10M" \
  $KAFKA_LOG4J_OPTS ${KAFKA_OPTS:-} -cp '/opt/kafka/libs/*' kafka.Kafka "$config/server.properties"
