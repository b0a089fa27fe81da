import { ConfigError, type CoreSettings } from '@nakku/config';
import { DOMAINS as DOMAIN_TABLE, GATEWAY_PORT } from '@nakku/contracts';
import { readTopology } from './topology.file.js';
import { SERVICES, type ServiceName, type Topology } from './topology.schema.js';

/** What this process hosts and where it listens: SERVICES if set, else the topology's only process. */
export function plan(core: CoreSettings): { services: ServiceName[]; port: number } {
  const topology = readTopology(core.TOPOLOGY);
  const services = core.SERVICES ? known(core.SERVICES) : onlyProcess(topology).services;
  const mine = SERVICES.filter((service) => services.includes(service));
  return { services: mine, port: core.PORT ?? portOf(topology, mine) };
}

function onlyProcess(topology: Topology): Topology['processes'][number] {
  const [only, ...others] = topology.processes;
  if (only && others.length === 0) return only;
  throw wrongServices(`must say which of ${topology.name}'s services this process hosts, but is not set`);
}

function known(names: readonly string[]): ServiceName[] {
  const unknown = names.filter((name) => !SERVICES.some((service) => service === name));
  if (unknown.length === 0) return SERVICES.filter((service) => names.includes(service));
  throw wrongServices(`must list some of ${SERVICES.join(', ')}, but has ${unknown.join(', ')}`);
}

/** The port of the topology's process with just these services; else a lone domain's own, else the gateway's. */
function portOf({ processes }: Topology, services: readonly ServiceName[]): number {
  const same = processes.find(
    (one) => one.services.length === services.length && one.services.every((name) => services.includes(name)),
  );
  if (same) return same.port;
  const [only, ...others] = services;
  return only && only !== 'gateway' && others.length === 0 ? DOMAIN_TABLE[only].port : GATEWAY_PORT;
}

const wrongServices = (why: string): ConfigError =>
  new ConfigError([{ name: 'SERVICES', sentence: `SERVICES ${why}` }]);
