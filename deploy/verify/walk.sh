#!/usr/bin/env bash
# walk.sh BASE_URL [--cacert FILE | --insecure] [--slow N] [--page FILE]   walks a page's first order at any deployment, to the door
# BASE_URL: where the balancer or the gateway answers, e.g. https://localhost:8443. The deployment must hold the demo data.
#   --cacert FILE   trust this certificate        --insecure   trust any
#   --slow N        wait N times as long between the steps as the page does (a busy machine)
#   --page FILE     instead of README.md: docs/operations/first-day.md wants an empty deployment, and its admin in $ADMIN and $PASSWORD
# An order that a failed walk leaves behind is offered to the same rider for 30 s, so wait for health rather than walk again and again.
# Prints what the page's commands print; exit code 0 only if the order ends as delivered. May be sourced for its function walk.
# about: the first order of the README, at any deployment
# needs: curl node
# order: 90
# by hand: it asks for a URL
ROOT_OF_WALK=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

walk() { # walk BASE_URL [OPTION...]
  local base=${1%/} options=() slow=1 page=README.md commands printed
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      --cacert) [ -r "${2:-}" ] || { echo "walk: cannot read the certificate ${2:-(none given)}" >&2; return 2; }; options+=(--cacert "$2"); shift 2 ;;
      --insecure) options+=(--insecure); shift ;;
      --slow) [[ ${2:-} =~ ^[1-9][0-9]?$ ]] || { echo 'walk: --slow takes a number from 1 to 99' >&2; return 2; }; slow=$2; shift 2 ;;
      --page) [ -r "$ROOT_OF_WALK/${2:-}" ] || { echo "walk: cannot read the page ${2:-(none given)}" >&2; return 2; }; page=$2; shift 2 ;;
      *) echo "walk: unknown option $1" >&2; return 2 ;;
    esac
  done
  # The block of the page that begins with BASE=, without its first line.
  commands=$(awk '/^```/ { if (found) exit; next } /^BASE=/ { found = 1; next } found' "$ROOT_OF_WALK/$page")
  [ -n "$commands" ] || { echo "walk: $page has no block that begins with BASE=" >&2; return 2; }
  printed=$(
    BASE=$base/api/v1 bash -euo pipefail -c '
      slow=$1; options=("${@:2}")
      curl() { command curl --max-time 30 --no-progress-meter "${options[@]}" "$@"; }
      sleep() { command sleep "$(($1 * slow))"; }
      eval "$0"' "$commands" "$slow" "${options[@]}" 2>&1
  ) || { echo "$printed"; echo "walk: a step of the first order failed at $base" >&2; return 1; }
  echo "$printed"
  grep -qx delivered <<<"$printed" || { echo "walk: the order was not delivered at $base" >&2; return 1; }
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -euo pipefail
  case "${1:-}" in
    '' | -h | --help) sed -n '2,/^ROOT/{/^ROOT/d;s/^# \{0,1\}//;p}' "$0"; [ $# -gt 0 ] || exit 2; exit 0 ;;
    http://* | https://*) walk "$@" ;;
    *) echo "walk: $1 is no URL (http://... or https://...)" >&2; exit 2 ;;
  esac
fi
