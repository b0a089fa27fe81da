#!/usr/bin/env bash
# workflows.sh   checks .github/workflows against GitHub's schema, and that they are plain YAML
# about: the CI/CD workflows are what GitHub Actions takes
# needs: check-jsonschema|yamllint|actionlint
# order: 10
set -euo pipefail
case ${1:-} in -h | --help) sed -n '2s/^# //p' "${BASH_SOURCE[0]}"; exit ;; esac
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if command -v check-jsonschema >/dev/null; then
  check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
else echo 'skip  check-jsonschema is not here'; fi
if command -v yamllint >/dev/null; then
  yamllint -d '{extends: relaxed, rules: {line-length: disable}}' --strict .github/workflows && echo 'ok    yamllint'
else echo 'skip  yamllint is not here'; fi
if command -v actionlint >/dev/null; then
  actionlint && echo 'ok    actionlint'
else echo 'skip  actionlint is not here'; fi
