import { type Resources, twice } from '../deployment.js';
import { SECRETS_FOLDER } from '../environment.js';

/** Between the balancer and the gateways; between processes; between them and the data. */
export type Network = 'edge' | 'app' | 'data';

export type Condition = 'service_started' | 'service_healthy' | 'service_completed_successfully';

export interface Healthcheck {
  test: string[];
  interval: string;
  timeout: string;
  retries: number;
  /** How long a start may take before failures count. */
  start_period: string;
}

/** A service of a compose file, as far as we use what there is. */
export interface Service {
  image: string;
  /** Blocks of settings that are written once for several services. */
  '<<'?: object | readonly object[];
  hostname?: string;
  command?: string[];
  entrypoint?: string[];
  user?: string;
  init?: boolean;
  restart?: string;
  environment?: Record<string, string>;
  secrets?: string[];
  volumes?: string[];
  tmpfs?: string[];
  ports?: string[];
  networks?: Network[];
  sysctls?: Record<string, number>;
  ulimits?: Record<string, object>;
  healthcheck?: Healthcheck | { disable: true };
  depends_on?: Record<string, { condition: Condition }>;
  stop_grace_period?: string;
  deploy?: object;
}

/** Services by name; what they mount, use and join is declared from them. */
export type Services = Record<string, Service>;

/** What every container has: no way to more rights, nothing to write to but what is mounted, logs that end. */
export const HARDENED = {
  restart: 'unless-stopped',
  read_only: true,
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
  logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '5' } },
};

/** What a container gets: `reserved` for sure, and twice as much at most unless `limits` says otherwise. */
export const resourcesOf = (reserved: Resources, limits: Resources = twice(reserved), pids = 256): object => ({
  limits: { ...written(limits), pids },
  reservations: written(reserved),
});

const written = ({ cpu, memoryMb }: Resources) => ({ cpus: String(cpu), memory: `${memoryMb}M` });

/** A check every ten seconds, given up after five. */
export const check = (test: string[], startPeriod: string, retries = 3): Healthcheck => ({
  test,
  interval: '10s',
  timeout: '5s',
  retries,
  start_period: startPeriod,
});

/** The file of a secret in a container. */
export const secretFile = (name: string): string => `${SECRETS_FOLDER}/${name}`;

/** In a compose file a dollar that is the shell's is written twice. */
export const shell = (script: string): string => script.replaceAll('$', '$$$$');

/** Folders in memory that the user may write to; `/tmp` always. */
export const scratch = (uid: number, ...folders: string[]): string[] => [
  '/tmp:mode=1777',
  ...folders.map((folder) => `${folder}:uid=${uid},gid=${uid},mode=0755`),
];

/** Open files: each socket and each table is one. */
export const files = (most = 16_384): Record<string, object> => ({ nofile: { soft: most, hard: most } });
