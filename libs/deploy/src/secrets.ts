import { type Deployment, REDIS_PORT } from './deployment.js';
import { migrationSecrets, type SecretKind, secretsOf } from './environment.js';
import { REDIS_PASSWORD } from './compose/redis.js';
import { databaseSecrets } from './sql/scripts.js';
import { STACK_SECRETS } from './stack.js';

/** A file of `deploy/secrets`: what it is made of, and whose containers have it. */
export interface SecretFile {
  name: string;
  kind: SecretKind;
  usedBy: string[];
}

/** Every secret that a deployment needs, by name: those of its processes, of its data, of its balancer, and of what watches it. */
export function secretFilesOf(deployment: Deployment): SecretFile[] {
  const { processes, databases, caches, topology } = deployment;
  const needs: { name: string; kind: SecretKind; user: string }[] = [
    ...processes.flatMap((process) => secretsOf(deployment, process).map((need) => ({ ...need, user: process.app }))),
    ...(databases.length > 0 ? migrationSecrets().map((need) => ({ ...need, user: 'migrate' })) : []),
    ...databases.flatMap((server) =>
      databaseSecrets(deployment, server).map((name) => ({ name, kind: 'password' as const, user: server.host })),
    ),
    ...(caches.length > 0 ? [{ name: REDIS_PASSWORD, kind: 'password' as const, user: 'redis' }] : []),
    { name: 'tls.crt', kind: 'certificate', user: topology.balancer.kind },
    { name: 'tls.key', kind: 'certificate-key', user: topology.balancer.kind },
    ...STACK_SECRETS.map((need) => ({ ...need, user: 'monitoring' })),
  ];
  const files = new Map<string, SecretFile>();
  for (const { name, kind, user } of needs) {
    const file = files.get(name) ?? { name, kind, usedBy: [] };
    if (!file.usedBy.includes(user)) file.usedBy.push(user);
    files.set(name, file);
  }
  return [...files.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The URL that a process reaches Redis by. */
export const redisUrlOf = ({ caches }: Deployment, password: string): string =>
  `redis://:${password}@${caches[0]}:${REDIS_PORT}`;
