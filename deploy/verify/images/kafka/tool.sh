#!/bin/bash
# kafka-run-class.sh CLASS [ARGUMENT...]
logging=/opt/kafka/config/tools-log4j.properties
[ -f "$logging" ] || logging=/etc/kafka/docker/tools-log4j.properties
# shellcheck disable=SC2086  # several options in one variable
exec java ${KAFKA_HEAP_OPTS:--Xmx256M} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 ${KAFKA_LOG4J_OPTS:--Dlog4j.configuration=file:$logging} ${KAFKA_OPTS:-} \
  -cp '/opt/kafka/libs/*' "$@"
