#!/usr/bin/env bash
# control.sh stop NODE [SIGNAL] | start NODE   one node of a server that up.sh started, for tests of faults
#   NODE    its folder, e.g. .infra/mysql or DIR/kafka3/2; it comes back on the same port with the same data
#   SIGNAL  TERM (default) and KILL wait for its end; STOP freezes it, and start wakes it
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
NODE=${2:?usage: control.sh stop|start NODE [SIGNAL]}
[ -f "$NODE/run" ] || die "$NODE is not a node"
case $1 in
  stop)
    case ${3:-TERM} in
      STOP) send "$NODE" STOP ;;
      *) end_nodes "${3:-TERM}" "$NODE" ;;
    esac ;;
  start)
    send "$NODE" CONT
    start_node "$NODE" ;;
  *) die "control.sh knows stop and start, not $1" ;;
esac
