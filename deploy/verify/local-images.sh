#!/usr/bin/env bash
# local-images.sh [NAME...]   makes the images that Nakku's compose files name, for a machine that can pull nothing
# NAME: mysql mariadb kafka redis nginx haproxy consul prometheus alertmanager (default: all).
# Each has the name and tag that stands in libs/deploy/src/images.ts, but holds what Debian has of that server, in whatever
# version that is, with an entrypoint that behaves like the official one as far as a deployment of Nakku relies on it. So they
# show that a deployment comes up and works together; what a newer or older server does differently, they do not.
# An image that was pulled is never replaced. Needs debian:bookworm-slim, Debian's mirror, and for Kafka Maven and its mirror.
# about: makes the images that compose files name where none can be pulled
# needs: docker
# order: 20
# by hand: it builds a dozen images; where images can be pulled there is no need
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
LABEL=nakku.local-image
ALL=(mysql mariadb kafka redis nginx haproxy consul prometheus alertmanager)
export DOCKER_BUILDKIT=1

say() { echo "local-images: $*" >&2; }
die() { say "$*"; exit 1; }

case "${1:-}" in -h | --help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit ;; esac
[ $# -gt 0 ] || set -- "${ALL[@]}"
for name; do [[ " ${ALL[*]} " == *" $name "* ]] || die "no such image: $name (known: ${ALL[*]})"; done
. "$ROOT/docker/client.sh"

tag_of() { sed -n "s/^  $1: '\(.*\)',\$/\1/p" "$ROOT/libs/deploy/src/images.ts"; }
ours() { [ -n "$("$DOCKER" image inspect -f "{{index .Config.Labels \"$LABEL\"}}" "$1" 2>/dev/null)" ]; }
there() { "$DOCKER" image inspect "$1" >/dev/null 2>&1; }

# Kafka's jars are the broker's, from infra:install, and those of its command-line tools.
kafka_jars() {
  local cache=${NAKKU_CACHE:-$HOME/.cache/nakku} version=${1##*:}
  local broker=$cache/kafka-$version tools=$cache/kafka-tools-$version
  KAFKA_VERSION=$version bash "$ROOT/tools/infra/install.sh" kafka >&2
  if [ ! -f "$tools/.ok" ]; then
    mkdir -p "$tools"
    sed -e 's/kafka-broker/kafka-tools/' -e 's/kafka_2.13</kafka-tools</' "$broker/pom.xml" >"$tools/pom.xml"
    mvn -q -B -f "$tools/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
      -DincludeScope=runtime -DoutputDirectory="$tools/libs" >&2
    touch "$tools/.ok"
  fi
  mkdir "$2/libs"
  cp -n "$broker"/libs/*.jar "$tools"/libs/*.jar "$2/libs/"
}

make() { # make NAME TAG
  local name=$1 tag=$2 context; context=$(mktemp -d)
  cp "$HERE/images/$name"/* "$context/"
  case $name in
    kafka) kafka_jars "$tag" "$context" ;;
    mysql) bash "$ROOT/tools/infra/install.sh" mysql >&2 && mkdir "$context/root" && cp -r "${NAKKU_CACHE:-$HOME/.cache/nakku}/mysql/root/usr" "$context/root/" ;;
  esac
  "$DOCKER" build -q --label "$LABEL=$name" -t "$tag" "$context" >/dev/null || { rm -rf "$context"; die "$tag could not be made"; }
  rm -rf "$context"
}

# ---- does it start, and answer? --------------------------------------------------------------------------------
start() { CONTAINER=$("$DOCKER" run -d "$@"); }
inside() { "$DOCKER" exec "$CONTAINER" "$@"; }
finish() { [ -z "${CONTAINER:-}" ] || "$DOCKER" rm -fv "$CONTAINER" >/dev/null; CONTAINER=; }
until_ok() { # until_ok SECONDS COMMAND...
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do
    if [ $SECONDS -ge $end ] || [ "$("$DOCKER" inspect -f '{{.State.Running}}' "$CONTAINER")" != true ]; then
      "$DOCKER" logs --tail 30 "$CONTAINER" >&2
      die "does not answer: $*"
    fi
    sleep 0.5
  done
}
expect() { local got; got=$(inside "${@:2}" 2>&1) || true; [[ $got == *"$1"* ]] || die "${*:2}: expected $1, got: $got"; }
trap finish EXIT

try_sql() { # try_sql TAG CLIENT: initialised by a script, as the root password of a file says, and kept over a restart
  local folder; folder=$(mktemp -d)
  echo 'a secret' >"$folder/password"
  echo 'create database made_by_sql;' >"$folder/1.sql"
  echo "docker_process_sql <<<'create table made_by_sql.t (id int primary key); insert into made_by_sql.t values (41);'" >"$folder/2.sh"
  chmod -R a+rX "$folder"
  start -e MYSQL_ROOT_PASSWORD_FILE=/run/secrets/p -v "$folder/password:/run/secrets/p:ro" -v "$folder/1.sql:/docker-entrypoint-initdb.d/1.sql:ro" \
    -v "$folder/2.sh:/docker-entrypoint-initdb.d/2.sh:ro" "$1" --server-id=7 --log-bin=bin "${@:3}"
  local query=("$2" -h127.0.0.1 -uroot '-pa secret' -N -e)
  until_ok 120 inside "${query[@]}" 'select 1'
  expect 41 "${query[@]}" 'select id from made_by_sql.t'
  expect 7 "${query[@]}" 'select @@server_id'
  "$DOCKER" restart -t 30 "$CONTAINER" >/dev/null
  until_ok 60 inside "${query[@]}" 'select 1'
  expect 41 "${query[@]}" 'select id from made_by_sql.t'
  expect 'Uid:	999' sh -c 'grep Uid: /proc/1/status'
  rm -rf "$folder"
}
try_mysql() {
  try_sql "$1" mysql --gtid-mode=ON --enforce-gtid-consistency=ON
  expect Ver mysqldump --version; expect Ver mysqlbinlog --version; expect Ver mysqladmin --version
}
try_mariadb() { try_sql "$1" mariadb; until_ok 10 inside healthcheck.sh --connect --innodb_initialized; expect Ver mariadb-dump --version; expect Ver mariadb-binlog --version; }
try_kafka() {
  start -h kafka-1 -e KAFKA_NODE_ID=1 -e KAFKA_PROCESS_ROLES=broker,controller -e KAFKA_LISTENERS=PLAINTEXT://:9092,CONTROLLER://:9093 \
    -e KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://kafka-1:9092 -e KAFKA_CONTROLLER_LISTENER_NAMES=CONTROLLER -e KAFKA_INTER_BROKER_LISTENER_NAME=PLAINTEXT \
    -e KAFKA_LISTENER_SECURITY_PROTOCOL_MAP=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT -e KAFKA_CONTROLLER_QUORUM_VOTERS=1@kafka-1:9093 \
    -e KAFKA_LOG_DIRS=/var/lib/kafka/data -e KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR=1 -e 'KAFKA_HEAP_OPTS=-Xms64m -Xmx256m' "$1"
  until_ok 90 inside /opt/kafka/bin/kafka-broker-api-versions.sh --bootstrap-server localhost:9092
  expect 'Created topic' /opt/kafka/bin/kafka-topics.sh --bootstrap-server localhost:9092 --create --topic tried --partitions 2
  "$DOCKER" restart -t 30 "$CONTAINER" >/dev/null
  until_ok 90 inside /opt/kafka/bin/kafka-broker-api-versions.sh --bootstrap-server localhost:9092
  expect tried /opt/kafka/bin/kafka-topics.sh --bootstrap-server localhost:9092 --list
}
try_redis() { start "$1" --requirepass secret --appendonly yes; until_ok 20 inside redis-cli -a secret ping; expect 'NOAUTH' redis-cli ping; expect 'Uid:	999' sh -c 'grep Uid: /proc/1/status'; }
try_nginx() {
  start "$1"; until_ok 20 inside curl -sf http://127.0.0.1/
  expect 'test is successful' nginx -t
  inside nginx -s reload
  until_ok 10 inside curl -sf http://127.0.0.1/
}
try_haproxy() { expect_run "$1" 3.0 haproxy -v; }
try_consul() { start "$1"; until_ok 30 inside consul members; }
try_prometheus() { start "$1"; until_ok 30 inside wget -qO- http://127.0.0.1:9090/-/ready; }
try_alertmanager() { start "$1"; until_ok 30 inside wget -qO- http://127.0.0.1:9093/-/ready; }
expect_run() { local got; got=$("$DOCKER" run --rm "$1" "${@:3}" 2>&1); [[ $got == *"$2"* ]] || die "${*:3}: expected $2, got: $got"; }

for name; do
  tag=$(tag_of "$name")
  [ -n "$tag" ] || die "libs/deploy/src/images.ts has no $name"
  if there "$tag" && ! ours "$tag"; then say "$tag was pulled: left as it is"; continue; fi
  say "$tag: making it"
  make "$name" "$tag"
  "try_$name" "$tag"
  finish
  say "$tag: made, starts and answers"
done
