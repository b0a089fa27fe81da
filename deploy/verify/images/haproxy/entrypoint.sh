#!/bin/sh
# What the official image of HAProxy does at its start: options alone mean the server, in master-worker mode.
set -e
if [ "${1#-}" != "$1" ]; then set -- haproxy "$@"; fi
if [ "$1" = haproxy ]; then shift; set -- haproxy -W -db "$@"; fi
exec "$@"
