import { type Artefact, artefact, headline, type Renderer } from '../artefact.js';
import { type Deployment, growing } from '../deployment.js';
import { COLOURS, colouredFile } from './colours.js';
import { balancerServices, discoveryServices } from './edge.js';
import { type ComposeFile, fileOf } from './file.js';
import { brokerServices } from './kafka.js';
import { databaseServices } from './mysql.js';
import { overlay } from './overlay.js';
import { MIGRATE, migrates, migrateService, processServices } from './processes.js';
import { cacheServices, clusterInitScript, startScript } from './redis.js';
import type { Services } from './service.js';
import { yamlOf } from './yaml.js';

/** Docker compose for every topology but those for Kubernetes. */
export const renderCompose: Renderer = (deployment) =>
  growing(deployment)
    ? []
    : [
        file(deployment, mainFile(deployment), composeOf(deployment), usage(deployment)),
        ...(migrates(deployment) ? COLOURS.map((colour) => colourOf(deployment, colour)) : []),
        ...overlay(deployment, mainFile(deployment)),
        ...redisFiles(deployment),
      ];

/** The guide's name for the one that carries production. */
export const mainFile = ({ name }: Deployment): string =>
  name === 'clustered' ? 'docker-compose.prod.yml' : 'docker-compose.yml';

/** Everything: the balancer, the processes and the data that they stand on. */
export function composeOf(deployment: Deployment): ComposeFile {
  const data: Services = {
    ...databaseServices(deployment),
    ...brokerServices(deployment),
    ...cacheServices(deployment),
    ...discoveryServices(deployment),
  };
  const migrate = migrates(deployment)
    ? { [MIGRATE]: migrateService(deployment, new Set(Object.keys(data))) }
    : undefined;
  const present = new Set([...Object.keys(data), ...Object.keys(migrate ?? {})]);
  return fileOf('nakku', {
    ...balancerServices(deployment),
    ...processServices(deployment, present),
    ...migrate,
    ...data,
  });
}

const colourOf = (deployment: Deployment, colour: (typeof COLOURS)[number]): Artefact =>
  file(deployment, `docker-compose.${colour}.yml`, colouredFile(deployment, colour), [
    `The processes of one version, for blue-green: deploy/blue-green.sh brings them up beside those of the other colour and then tells NGINX.`,
    `The balancer and the data are those of ${mainFile(deployment)}, which must be up.`,
  ]);

function file(deployment: Deployment, name: string, compose: ComposeFile, comment: readonly string[]): Artefact {
  const comments = comment.map((line) => `# ${line}\n`).join('');
  return artefact(deployment, name, `${headline(deployment)}\n${comments}\n${yamlOf(compose)}`);
}

function usage(deployment: Deployment): string[] {
  const compose =
    mainFile(deployment) === 'docker-compose.yml' ? 'docker compose' : `docker compose -f ${mainFile(deployment)}`;
  const other = deployment.processes.find((process) => process !== deployment.gateway);
  return [
    `npx nakku secrets init --topology ${deployment.name} && ${compose} up -d --wait`,
    `With demo data, for a trial: NODE_ENV=development NAKKU_SEED=demo ${compose} up -d --wait`,
    ...(other ? [`More copies: ${compose} up -d --no-recreate --scale ${other.app}=${other.replicas + 1}`] : []),
  ];
}

const redisFiles = (deployment: Deployment): Artefact[] =>
  deployment.caches.length === 0
    ? []
    : [
        artefact(deployment, 'redis/start.sh', startScript(deployment), true),
        ...(deployment.redisMode === 'cluster'
          ? [artefact(deployment, 'redis/cluster-init.sh', clusterInitScript(deployment), true)]
          : []),
      ];
