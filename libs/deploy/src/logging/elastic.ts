import { type Deployment } from '../deployment.js';
import { headline } from '../artefact.js';
import { MAPPINGS } from './fields.js';
import { STREAM } from './filebeat.js';

const DAYS = 14;

/** A new index each day, or at 10 GB; two weeks of them. */
export const LIFECYCLE = {
  policy: {
    phases: {
      hot: { actions: { rollover: { max_age: '1d', max_primary_shard_size: '10gb' } } },
      delete: { min_age: `${DAYS}d`, actions: { delete: {} } },
    },
  },
};

/** What the indices of the data stream are like. One machine keeps them, so there is no second copy. */
export const TEMPLATE = {
  index_patterns: [STREAM.replace(/default$/, '*')],
  data_stream: {},
  priority: 500,
  template: {
    settings: {
      'index.lifecycle.name': 'nakku',
      number_of_shards: 1,
      number_of_replicas: 0,
      'index.refresh_interval': '5s',
    },
    mappings: MAPPINGS,
  },
};

/** Who ships logs may add to them, and neither read nor delete. */
export const ROLE = {
  cluster: ['monitor'],
  indices: [{ names: TEMPLATE.index_patterns, privileges: ['auto_configure', 'create_doc'] }],
};

/** Tells Elasticsearch its users, how long logs are kept and which fields there are. It may run again at any time. */
export const setupScript = (deployment: Deployment): string => `#!/bin/bash
${headline(deployment)}
# Tells Elasticsearch its users, how long logs are kept and which fields there are. It may run again at any time.
set -euo pipefail
at=http://elasticsearch:9200
secret() { cat "/run/secrets/$1"; }
# The password goes by standard input: arguments can be read by anybody on the host.
call() { # call METHOD PATH FILE
  printf 'user = "elastic:%s"' "$(secret elastic_password)" |
    curl --silent --show-error --fail-with-body --retry 30 --retry-delay 2 --retry-all-errors --config - \\
      --request "$1" "$at/$2" --header 'content-type: application/json' --data-binary "@$3"
  echo
}
body() { printf '%s' "$1" >/tmp/body.json; }
body "{\\"password\\":\\"$(secret kibana_password)\\"}"
call POST _security/user/kibana_system/_password /tmp/body.json
call PUT _security/role/nakku_filebeat /setup/role.json
body "{\\"password\\":\\"$(secret filebeat_password)\\",\\"roles\\":[\\"nakku_filebeat\\"]}"
call PUT _security/user/nakku_filebeat /tmp/body.json
call PUT _ilm/policy/nakku /setup/lifecycle.json
call PUT _index_template/nakku /setup/template.json
rm -f /tmp/body.json
`;
