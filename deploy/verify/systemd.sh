#!/usr/bin/env bash
# systemd.sh   checks the units of deploy/systemd with systemd-analyze, and how far they are closed
# about: the systemd units are valid, and closed against the rest of the server
# needs: systemd-analyze
# order: 10
set -euo pipefail
case ${1:-} in -h | --help) sed -n '2s/^# //p' "${BASH_SOURCE[0]}"; exit ;; esac
cd "$(dirname "${BASH_SOURCE[0]}")/../systemd"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The program need not be on this machine for its unit to be right.
for unit in *.service; do sed 's|^ExecStart=.*|ExecStart=/bin/true|' "$unit" >"$work/$unit"; done
cp "$work/nakku@.service" "$work/nakku@order.service"
said=$(systemd-analyze verify "$work/nakku.service" "$work/nakku-nginx.service" "$work/nakku@order.service" 2>&1 | grep nakku || true)
[ -z "$said" ] || { echo "$said"; exit 1; }
echo 'ok    systemd-analyze verify'
for unit in nakku.service nakku-nginx.service nakku@order.service; do
  # Exposure in tenths: 20 of 100 is what systemd calls OK.
  systemd-analyze security --offline=yes --threshold=20 "$work/$unit" >"$work/said" 2>&1 || { tail -n 45 "$work/said"; exit 1; }
  tail -n 1 "$work/said"
done
