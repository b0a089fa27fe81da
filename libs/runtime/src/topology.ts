import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, type CoreSettings, DOMAINS } from '@nakku/config';
import { parse } from 'yaml';
import { z } from 'zod';
import { projectRoot } from './seed.js';

/** Everything that a process can host. */
export const SERVICES = ['gateway', ...DOMAINS] as const;
export type ServiceName = (typeof SERVICES)[number];

/** A deploy configuration: which services share a process. */
export const Topology = z.strictObject({
  name: z.string(),
  description: z.string().optional(),
  processes: z
    .array(
      z.strictObject({ name: z.string(), port: z.int().min(1).max(65535), services: z.array(z.enum(SERVICES)).min(1) }),
    )
    .min(1),
});
export type Topology = z.output<typeof Topology>;

/** Reads a topology by name (`deploy/topologies/<name>.yaml`) or path; throws ConfigError when it is missing or wrong. */
export function readTopology(name: string): Topology {
  const file = name.includes('/') ? name : join(projectRoot(), 'deploy', 'topologies', `${name}.yaml`);
  const refuse = (why: string) =>
    new ConfigError([{ name: 'TOPOLOGY', sentence: `TOPOLOGY must name a topology, but "${name}" ${why}` }]);
  if (!existsSync(file)) throw refuse('is not in deploy/topologies');
  const result = Topology.safeParse(parse(readFileSync(file, 'utf8')));
  if (!result.success)
    throw refuse(`is wrong: ${result.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ')}`);
  const missing = SERVICES.filter(
    (service) => !result.data.processes.some(({ services }) => services.includes(service)),
  );
  if (missing.length > 0) throw refuse(`has no process for ${missing.join(', ')}`);
  return result.data;
}

/** What this process hosts and where it listens: SERVICES if set, else the topology's only process. */
export function plan(core: CoreSettings): { services: ServiceName[]; port: number } {
  const topology = readTopology(core.TOPOLOGY);
  const [only, ...others] = topology.processes;
  if (core.SERVICES) {
    const unknown = core.SERVICES.filter((name) => !SERVICES.some((service) => service === name));
    if (unknown.length > 0) {
      throw new ConfigError([
        {
          name: 'SERVICES',
          sentence: `SERVICES must list some of ${SERVICES.join(', ')}, but has ${unknown.join(', ')}`,
        },
      ]);
    }
    return { services: SERVICES.filter((service) => core.SERVICES!.includes(service)), port: core.PORT ?? only!.port };
  }
  if (others.length > 0) {
    throw new ConfigError([
      {
        name: 'SERVICES',
        sentence: `SERVICES must say which of ${topology.name}'s services this process hosts, but is not set`,
      },
    ]);
  }
  return { services: [...only!.services], port: core.PORT ?? only!.port };
}
