import { type Artefact, artefact, headline } from '../artefact.js';
import type { Deployment } from '../deployment.js';
import { yamlOf } from './yaml.js';

const NETWORKS = ['edge', 'app', 'data'] as const;

/** For servers of their own: the same networks, but over all machines of a swarm. Where each service has a database server this is meant. */
export const overlay = (deployment: Deployment, mainFile: string): Artefact[] =>
  deployment.topology.data?.database.servers === 'per-service'
    ? [artefact(deployment, 'docker-compose.overlay.yml', textOf(deployment, mainFile))]
    : [];

function textOf(deployment: Deployment, mainFile: string): string {
  const networks = Object.fromEntries(NETWORKS.map((name) => [name, { external: true, name: `nakku_${name}` }]));
  const tags = NETWORKS.map((name) => [['networks', name], '!override'] as const);
  return `${headline(deployment)}
${usage(deployment, mainFile)
  .map((line) => `# ${line}`.trimEnd())
  .join('\n')}

${yamlOf({ networks }, tags)}`;
}

function usage({ processes, databases, brokers, caches, topology, gateway }: Deployment, mainFile: string): string[] {
  const up = `docker compose -f ${mainFile} -f docker-compose.overlay.yml up -d --no-deps`;
  const servers = processes
    .filter(({ domains }) => domains.length > 0)
    .map(({ app, domains }) => {
      const own = databases.filter((server) => server.domains.some((domain) => domains.includes(domain)));
      return `  ${up} ${[...own.map(({ host }) => host), app].join(' ')}`;
    });
  return [
    'Each service on a server of its own. The servers are one swarm, for its networks only: `docker swarm init` on the first, `docker swarm join`',
    'on the others; then once, on the first:',
    ...NETWORKS.map(
      (name) =>
        `  docker network create --driver overlay --attachable --opt encrypted${name === 'edge' ? '' : ' --internal'} nakku_${name}`,
    ),
    'Each server has this folder, and of the secrets those that its services need. First Kafka and Redis:',
    `  ${up} ${[...brokers, ...caches].join(' ')}`,
    'Then each database with its service. Until the tables are there a service starts again and again:',
    ...servers,
    'Then, on any of them, the tables; and last the gateway with the balancer:',
    `  docker compose -f ${mainFile} -f docker-compose.overlay.yml run --rm --no-deps migrate`,
    `  ${up} ${gateway.app} ${topology.balancer.kind}`,
  ];
}
