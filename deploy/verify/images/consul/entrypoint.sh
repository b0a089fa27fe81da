#!/bin/sh
# What the official image of Consul does at its start: a subcommand alone means consul, an agent gets its folders.
set -e
case $1 in -*) set -- consul "$@" ;; esac
if [ "$1" = agent ]; then
  shift
  set -- consul agent -data-dir=/consul/data -config-dir=/consul/config "$@"
elif [ "$1" != consul ] && consul --help "$1" 2>&1 | grep -q "consul $1"; then
  set -- consul "$@"
fi
if [ "$1" = consul ] && [ "$(id -u)" = 0 ]; then
  [ "$(stat -c %u /consul/data)" = 100 ] || chown consul:consul /consul/data
  exec setpriv --reuid=consul --regid=consul --clear-groups "$@"
fi
exec "$@"
