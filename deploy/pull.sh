#!/usr/bin/env bash
# pull.sh --from REGISTRY --topology NAME --version V   fetches a version of every process of a profile, and names it as its compose files do
#   --from REGISTRY   where images were pushed to, with the path before a process's name
# The docker of this machine must be logged in there. What is here already is not fetched twice: all processes are one image.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
die() { echo "pull: $*" >&2; exit 2; }

from='' topology='' version=''
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit ;;
    --from | --topology | --version) [ -n "${2:-}" ] || die "$1 needs a value (--help)" ;;
    *) die "does not know $1 (--help)" ;;
  esac
  case $1 in
    --from) from=${2%/} ;;
    --topology) topology=$2 ;;
    --version) version=$2 ;;
  esac
  shift 2
done
[ -n "$from" ] || die 'say where from with --from REGISTRY'
[[ $version =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$ ]] || die 'say which with --version V'
[[ $topology =~ ^[a-z0-9-]{1,64}$ ]] || die 'say for what with --topology NAME'
files=("$ROOT/deploy/rendered/$topology"/docker-compose*.yml)
[ -f "${files[0]}" ] || die "there are no compose files for $topology in deploy/rendered"

apps=$(sed -n 's|^ *image: nakku/\([a-z0-9-]*\):.*|\1|p' "${files[@]}" | sort -u)
[ -n "$apps" ] || die "the compose files of $topology name no image of Nakku"
for app in $apps; do
  docker pull --quiet "$from/$app:$version"
  docker tag "$from/$app:$version" "nakku/$app:$version"
done
