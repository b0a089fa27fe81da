import { HARDENED, type Network, type Services } from './service.js';
import { PROCESS } from './processes.js';

/** The declaration of secrets: their files, from the folder of the compose file; an operator may keep them elsewhere. */
export const secretFiles = (names: readonly string[]): Record<string, { file: string }> =>
  Object.fromEntries(
    distinct(names)
      .sort()
      .map((name) => [name, { file: `\${SECRETS_DIR:-../../secrets}/${name}` }]),
  );

/** A network that another project has made. */
export interface External {
  external: true;
  name: string;
}

export interface ComposeFile {
  name: string;
  'x-hardened': object;
  'x-process': object;
  services: Services;
  networks: Partial<Record<Network, object>>;
  volumes?: Record<string, object>;
  secrets: Record<string, { file: string }>;
}

/** A compose file of these services: what they join, mount and read is declared. `joined` are networks that are there already. */
export function fileOf(name: string, services: Services, joined: Partial<Record<Network, External>> = {}): ComposeFile {
  const all = Object.values(services);
  const used = distinct(all.flatMap(({ networks = [] }) => networks));
  const volumes = distinct(all.flatMap((service) => (service.volumes ?? []).filter(isNamed).map(sourceOf)));
  return {
    name,
    'x-hardened': HARDENED,
    'x-process': PROCESS,
    services,
    networks: Object.fromEntries(
      NETWORKS.filter((one) => used.includes(one)).map((one) => [one, joined[one] ?? OWN[one]]),
    ),
    ...(volumes.length > 0 && { volumes: Object.fromEntries(volumes.map((volume) => [volume, {}])) }),
    secrets: secretFiles(all.flatMap((service) => service.secrets ?? [])),
  };
}

const NETWORKS: readonly Network[] = ['edge', 'app', 'data'];

/** Who is on app and data only can neither be reached from outside nor reach it; a payment provider on the Internet needs `edge` for whoever calls it. */
const OWN: Record<Network, object> = { edge: {}, app: { internal: true }, data: { internal: true } };

const isNamed = (volume: string): boolean => /^[a-z0-9]/.test(volume);
const sourceOf = (volume: string): string => volume.split(':')[0] ?? volume;
const distinct = <T>(items: readonly T[]): T[] => [...new Set(items)];
