#!/usr/bin/env bash
# down.sh [-d DIR] [--purge] [SERVER...]   stops what up.sh started in DIR (default: .infra, all servers); the data stay
#   --purge  kills at once and deletes the data
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$INFRA/docker.sh"
RUN=$INFRA/../../.infra PURGE= SERVERS=()
while [ $# -gt 0 ]; do
  case $1 in
    -d) RUN=$2; shift ;;
    --purge) PURGE=1 ;;
    -h | --help) sed -n '2,3s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit ;;
    *) known "$1"; SERVERS+=("$1") ;;
  esac
  shift
done
[ -d "$RUN" ] || { log 'nothing runs'; exit 0; }
RUN=$(cd "$RUN" && pwd)
[ ! -d "$RUN/docker" ] || docker_down

FOLDERS=("$RUN")
[ ${#SERVERS[@]} = 0 ] || FOLDERS=("${SERVERS[@]/#/$RUN/}")
NODES=()
for folder in "${FOLDERS[@]}"; do
  while read -r node; do ! alive "$node" || NODES+=("$node"); done < <(nodes_of "$folder")
done
end_nodes "$([ -n "$PURGE" ] && echo KILL || echo TERM)" "${NODES[@]}"
log "stopped: $([ ${#NODES[@]} = 0 ] && echo 'nothing ran' || printf '%s ' "${NODES[@]#"$RUN"/}")"

if [ -n "$PURGE" ]; then rm -rf "${FOLDERS[@]}"; fi
[ -d "$RUN" ] || exit 0
(umask 077 && : >"$RUN/env")
for server in $ALL_SERVERS; do
  mapfile -t NODES < <(nodes_of "$RUN/$server")
  [ ${#NODES[@]} -gt 0 ] && alive "${NODES[0]}" && cat "$RUN/$server/env" >>"$RUN/env"
done
[ -s "$RUN/env" ] || rm -f "$RUN/env"
