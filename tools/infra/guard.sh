#!/usr/bin/env bash
# guard.sh DIR   waits for the end of the process in DIR/owner, then takes down and deletes what runs in DIR (see up.sh --owner)
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
read -r pid started <"$1/owner"
while [ -d "$1" ] && [ "$(started_at "$pid")" = "$started" ]; do sleep 1; done
[ ! -d "$1" ] || bash "$INFRA/down.sh" -d "$1" --purge
