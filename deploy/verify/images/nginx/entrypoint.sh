#!/bin/sh
# What the official image of NGINX does at its start: the scripts of a folder, then the server.
set -e
if [ "$1" = nginx ]; then
  for script in /docker-entrypoint.d/*.sh; do [ -x "$script" ] && "$script"; done
fi
exec "$@"
