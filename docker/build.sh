#!/usr/bin/env bash
# build.sh [--version V] [--topology NAME]... [--prefix P] [--sbom FILE]   builds the image of Nakku once and tags it for every process
#   --version V       the tag, besides latest (default: the version in package.json)
#   --topology NAME   tag for the processes of this topology; may be repeated (default: all in deploy/topologies)
#   --prefix P        what stands before a process's name (default: nakku, as in nakku/order-service); a registry's path to push it there
#   --sbom FILE       where to write what is inside, as CycloneDX (default: dist/sbom.cdx.json); it is at /app/sbom.cdx.json in the image, too
# NODE_IMAGE chooses another base image. Settings for npm are read from NPMRC (default: ~/.npmrc, if it is there) and end up in no layer.
# Fails if what lies above the base image is more than 250 MB. Leave latest alone: --version with a tag, and LATEST=no.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
LIMIT_MB=250
die() { echo "build: $*" >&2; exit 1; }

version='' prefix=nakku sbom=$ROOT/dist/sbom.cdx.json topologies=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit ;;
    --version | --topology | --prefix | --sbom) [ -n "${2:-}" ] || die "$1 needs a value (--help)" ;;
    *) die "unknown option $1 (--help)" ;;
  esac
  case $1 in
    --version) version=$2 ;;
    --topology) topologies+=("$2") ;;
    --prefix) prefix=${2%/} ;;
    --sbom) sbom=$2 ;;
  esac
  shift 2
done
cd "$ROOT"
[ -n "$version" ] || version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
[[ $version =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$ ]] || die "$version cannot be a tag: letters, digits, _ . and -, at most 128"
if [ ${#topologies[@]} = 0 ]; then
  for file in deploy/topologies/*.yaml; do topologies+=("$(basename "$file" .yaml)"); done
fi
. docker/client.sh

base=${NODE_IMAGE:-$(sed -n 's/^ARG NODE_IMAGE=//p' docker/Dockerfile)}
arguments=(--build-arg "NODE_IMAGE=$base" --build-arg "VERSION=$version" --build-arg "CREATED=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%FT%TZ)")
arguments+=(--build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)")
npmrc=${NPMRC:-$HOME/.npmrc}
[ ! -f "$npmrc" ] || arguments+=(--secret "id=npmrc,src=$npmrc")
built=$(mktemp)
trap 'rm -f "$built"' EXIT
DOCKER_BUILDKIT=1 "$DOCKER" build --iidfile "$built" -f docker/Dockerfile "${arguments[@]}" .
image=$(<"$built")

size() { "$DOCKER" image inspect -f '{{.Size}}' "$1"; }
"$DOCKER" image inspect "$base" >/dev/null 2>&1 || "$DOCKER" pull -q "$base" >/dev/null
above=$((($(size "$image") - $(size "$base")) / 1000000))
echo "build: $above MB above $base (at most $LIMIT_MB)"
[ "$above" -le $LIMIT_MB ] || die "the image is too large: docker history shows which layer it is"

mkdir -p "$(dirname "$sbom")"
"$DOCKER" run --rm --network none "$image" cat /app/sbom.cdx.json >"$sbom"
apps=$("$DOCKER" run --rm -i --network none "$image" node - "${topologies[@]}" <docker/apps.cjs) || die 'the topologies could not be read'
while read -r app; do
  "$DOCKER" tag "$image" "$prefix/$app:$version"
  [ "${LATEST:-yes}" = no ] || "$DOCKER" tag "$image" "$prefix/$app:latest"
  echo "build: $prefix/$app:$version"
done <<<"$apps"
