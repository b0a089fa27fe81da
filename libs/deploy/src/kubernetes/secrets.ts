import { headline } from '../artefact.js';
import { REDIS_PASSWORD } from '../compose/redis.js';
import type { Deployment } from '../deployment.js';
import { migrationSecrets, secretsOf } from '../environment.js';
import { databaseSecrets } from '../sql/scripts.js';
import { MIGRATE, NAMESPACE, setOf } from './names.js';
import { REDIS } from './redis.js';

/** Which Secret has which keys: each app's has what that app needs and nothing else. */
export function secretKeys(deployment: Deployment): Record<string, string[]> {
  const { processes, databases, caches } = deployment;
  const rows = [
    ...processes.map((process) => [process.app, secretsOf(deployment, process).map(({ name }) => name)] as const),
    [MIGRATE, migrationSecrets().map(({ name }) => name)] as const,
    ...databases.map((server) => [setOf(server), databaseSecrets(deployment, server)] as const),
    ...(caches.length > 0 ? [[REDIS, [REDIS_PASSWORD]] as const] : []),
  ];
  return Object.fromEntries(rows.map(([name, keys]) => [name, [...new Set(keys)]]));
}

/** Makes the Secrets of files; run again, it brings them up to date. */
export function secretsScript(deployment: Deployment): string {
  const lines = Object.entries(secretKeys(deployment)).map(([name, keys]) => `secret ${name} ${keys.join(' ')}`);
  return `#!/usr/bin/env bash
${headline(deployment)}
set -euo pipefail
case "\${1:-}" in
  -h | --help)
    cat <<USAGE
Makes the Secrets of Nakku of the files in FOLDER, which \\\`npx nakku secrets init\\\` makes. Each app gets what it needs and no more.
Run again, it brings them up to date; pods see that at their next start.
Usage: \${0##*/} [FOLDER (deploy/secrets)] [NAMESPACE (${NAMESPACE})]
USAGE
    exit
    ;;
esac
folder=\${1:-deploy/secrets}
namespace=\${2:-${NAMESPACE}}
[ -d "$folder" ] || { echo "there is no folder $folder: run \\\`npx nakku secrets init\\\` first, or say where it is" >&2; exit 1; }

apply() { kubectl --namespace "$namespace" create secret "$@" --dry-run=client --output yaml | kubectl apply --filename -; }
have() { [ -s "$folder/$1" ] || { echo "$folder/$1 is missing or empty: \\\`npx nakku secrets init\\\` makes it" >&2; exit 1; }; }
secret() {
  local name=$1 key files=()
  shift
  for key in "$@"; do
    have "$key"
    files+=("--from-file=$folder/$key")
  done
  apply generic "$name" "\${files[@]}"
}

${lines.join('\n')}

have tls.crt
have tls.key
apply tls tls --cert "$folder/tls.crt" --key "$folder/tls.key"
`;
}
