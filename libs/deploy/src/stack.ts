import { type Healthcheck, type Service, HARDENED } from './compose/service.js';
import { secretFiles } from './compose/file.js';
import { mainFile } from './compose/index.js';
import { yamlOf } from './compose/yaml.js';
import { headline } from './artefact.js';
import type { Deployment } from './deployment.js';
import type { SecretNeed } from './environment.js';

/** A service beside Nakku: it may be in networks that the main file does not have. */
export type Beside = Omit<Service, 'networks' | 'healthcheck'> & {
  networks: string[];
  healthcheck: Healthcheck | { disable: true };
  read_only?: boolean;
};

/** What watches Nakku, to be brought up with its main file: `docker compose -f <main> -f <this> up -d`. */
export interface Stack {
  /** `monitoring`: the file is docker-compose.monitoring.yml, and the network that its services alone share has that name, too. */
  name: string;
  services: Record<string, Beside>;
  volumes: string[];
  /** What an operator should know. */
  usage: string[];
}

/** The text of a stack's compose file. */
export function stackFile(deployment: Deployment, { name, services, volumes, usage }: Stack): string {
  const file = {
    name: 'nakku',
    'x-hardened': HARDENED,
    services,
    networks: { [name]: {} },
    volumes: Object.fromEntries(volumes.map((volume) => [volume, {}])),
    secrets: secretFiles(Object.values(services).flatMap((service) => service.secrets ?? [])),
  };
  const up = `docker compose -f ${mainFile(deployment)} -f docker-compose.${name}.yml up -d`;
  return `${headline(deployment)}\n${[up, ...usage].map((line) => `# ${line}\n`).join('')}\n${yamlOf(file)}`;
}

/** The network in which the processes of a deployment find each other. */
export const appNetwork = ({ processes, databases }: Deployment): string =>
  processes.length === 1 && databases.length === 0 ? 'edge' : 'app';

/** The secrets of what watches Nakku, beside those of its processes, which read none of them. */
export const STACK_SECRETS: readonly Omit<SecretNeed, 'variable'>[] = [
  { name: 'grafana_admin_password', kind: 'password' },
  { name: 'alert_webhook_url', kind: 'webhook-url' },
  { name: 'elastic_password', kind: 'password' },
  { name: 'kibana_password', kind: 'password' },
  { name: 'kibana_encryption_key', kind: 'password' },
  { name: 'filebeat_password', kind: 'password' },
];
