#!/usr/bin/env bash
# verify.sh [--list] [--quick] [--only NAME]...   runs the checks of deploy/verify/ whose tools are on this machine, and says what it skipped
#   --list        only says which there are, what they need and whether that is here
#   --quick       leaves out whatever needs docker or a cluster
#   --only NAME   that one (edge, for deploy/verify/edge.sh); may be repeated, and runs one that is otherwise left to your hand
# What each prints is kept in VERIFY_LOGS (a folder, new for each run) and shown where it fails. Ends with 1 if one failed, else with 0, whatever was skipped.
# A check says on lines of its own what it is: `# about: one sentence`, `# needs: words`, `# order: number`, and `# by hand: why` if it is not to be run by
# this. The words are commands (a|b: either), or docker (it answers), compose, image (Nakku's), build (dist/), root, cluster.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
FOLDER=${VERIFY_FOLDER:-$ROOT/deploy/verify}

die() { echo "verify: $*" >&2; exit 2; }
list='' quick='' only=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit ;;
    --list) list=1 ;;
    --quick) quick=1 ;;
    --only) [ -n "${2:-}" ] || die '--only needs a name (--list says which there are)'; only+=("${2%.sh}"); shift ;;
    *) die "does not know $1 (--help)" ;;
  esac
  shift
done

header() { sed -n "s/^# $2: *//p" "$FOLDER/$1.sh" | head -1; }
# A check has a line that says what it is about; what else lies in the folder belongs to one of them.
names() {
  local file order
  for file in "$FOLDER"/*.sh; do
    grep -q '^# about: ' "$file" || continue
    order=$(header "$(basename "$file" .sh)" order)
    echo "${order:-50} $(basename "$file" .sh)"
  done | sort -n | cut -d' ' -f2
}

have() {
  local word
  case $1 in
    docker) timeout 20 docker info >/dev/null 2>&1 ;;
    compose) docker compose version >/dev/null 2>&1 ;;
    image) docker image inspect nakku/api-gateway:latest >/dev/null 2>&1 ;;
    build) [ -f "$ROOT/dist/apps/nakku/src/main.js" ] ;;
    root) [ "$(id -u)" = 0 ] ;;
    cluster) kubectl --request-timeout=5s get --raw /readyz >/dev/null 2>&1 ;;
    *) for word in ${1//|/ }; do ! command -v "$word" >/dev/null 2>&1 || return 0; done; return 1 ;;
  esac
}
declare -A KNOWN
missing() { # missing WORD...: those that are not here
  local word
  for word; do
    [ -n "${KNOWN[$word]:-}" ] || { have "$word" && KNOWN[$word]=yes || KNOWN[$word]=no; }
    [ "${KNOWN[$word]}" = yes ] || printf '%s ' "$word"
  done
}

# why_not NAME: sets WHY to the reason not to run it; empty if it can be run.
why_not() {
  local needs lacking by_hand
  needs=$(header "$1" needs) by_hand=$(header "$1" 'by hand') WHY=''
  if [ -n "$by_hand" ] && [[ " ${only[*]-} " != *" $1 "* ]]; then WHY="by hand: $by_hand"; return; fi
  if [ -n "$quick" ] && [[ " $needs " =~ \ (docker|compose|image|cluster)\  ]]; then WHY='not with --quick'; return; fi
  # shellcheck disable=SC2086
  missing $needs >"$scratch"
  lacking=$(<"$scratch")
  [ -z "$lacking" ] || WHY="missing here: ${lacking% }"
}

scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT
all=$(names)
for name in "${only[@]+"${only[@]}"}"; do
  grep -qx -- "$name" <<<"$all" || die "there is no check $name; there are: $(tr '\n' ' ' <<<"$all")"
done
[ ${#only[@]} = 0 ] || all=$(printf '%s\n' "${only[@]}")

if [ -n "$list" ]; then
  for name in $all; do
    why_not "$name"
    printf '%-24s %s\n%24s needs: %s\n%24s %s\n' "$name" "$(header "$name" about)" '' "$(header "$name" needs)" '' "${WHY:-ready}"
  done
  exit
fi

logs=${VERIFY_LOGS:-$(mktemp -d)}
mkdir -p "$logs"
rows=() failed=0
for name in $all; do
  why_not "$name"
  if [ -n "$WHY" ]; then rows+=("$(printf '%-24s skipped  %s' "$name" "$WHY")"); continue; fi
  echo "== $name: $(header "$name" about)"
  from=$SECONDS code=0
  bash "$FOLDER/$name.sh" </dev/null >"$logs/$name.log" 2>&1 || code=$?
  parts=$(grep -ciE '^ *skip' "$logs/$name.log" || true)
  if [ "$code" = 0 ]; then
    note="$((SECONDS - from)) s"
    [ "$parts" = 0 ] || note="$note, $parts parts skipped"
    rows+=("$(printf '%-24s ran      %s' "$name" "$note")")
  else
    failed=$((failed + 1))
    tail -n 40 "$logs/$name.log"
    rows+=("$(printf '%-24s FAILED   with %s after %s s' "$name" "$code" "$((SECONDS - from))")")
  fi
done
echo
printf '%s\n' "${rows[@]+"${rows[@]}"}"
echo "What they printed: $logs"
[ "$failed" = 0 ]
