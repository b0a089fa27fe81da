#!/bin/bash
# Rendered from deploy/topologies/single-server.yaml by `npx nakku topology render`. Change that, not this.
# Tells Elasticsearch its users, how long logs are kept and which fields there are. It may run again at any time.
set -euo pipefail
at=http://elasticsearch:9200
secret() { cat "/run/secrets/$1"; }
# The password goes by standard input: arguments can be read by anybody on the host.
call() { # call METHOD PATH FILE
  printf 'user = "elastic:%s"' "$(secret elastic_password)" |
    curl --silent --show-error --fail-with-body --retry 30 --retry-delay 2 --retry-all-errors --config - \
      --request "$1" "$at/$2" --header 'content-type: application/json' --data-binary "@$3"
  echo
}
body() { printf '%s' "$1" >/tmp/body.json; }
body "{\"password\":\"$(secret kibana_password)\"}"
call POST _security/user/kibana_system/_password /tmp/body.json
call PUT _security/role/nakku_filebeat /setup/role.json
body "{\"password\":\"$(secret filebeat_password)\",\"roles\":[\"nakku_filebeat\"]}"
call PUT _security/user/nakku_filebeat /tmp/body.json
call PUT _ilm/policy/nakku /setup/lifecycle.json
call PUT _index_template/nakku /setup/template.json
rm -f /tmp/body.json
