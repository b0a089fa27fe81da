import { Topology } from '@nakku/runtime';
import { type Catalogue, gatewayEntry, type ServiceEntry } from './catalogue.js';
import { type Deployment, deploymentOf } from './deployment.js';

const entry = (name: string, port: number, calls: string[] = []): ServiceEntry => ({
  name,
  port,
  calls,
  emits: [`${name}.changed`],
  listens: [],
});

/** Three services behind a gateway, as a catalogue. */
const DOMAINS = [entry('user', 8081), entry('order', 8084, ['user', 'cart']), entry('cart', 8085, ['order'])];

/** A service that is not there yet. */
export const TWELFTH = entry('loyalty', 8091, ['order']);

/** The topology's data: a server with a replica, three brokers, a cluster. */
export const DATA = {
  database: { engine: 'mysql', replicas: 1 },
  kafka: { brokers: 3, partitions: 6, replication: 3, minInSync: 2 },
  redis: { mode: 'cluster', nodes: 3 },
};

/** A small deployment to render in specs; `more` are services beyond the three, `over` what the topology says otherwise. */
export function smallDeployment(more: readonly ServiceEntry[] = [], over: object = {}): Deployment {
  const domains = [...DOMAINS, ...more];
  const catalogue: Catalogue = [gatewayEntry(domains), ...domains];
  const processes = catalogue.map(({ name, port }) => ({
    name,
    port,
    services: [name],
    replicas: name === 'gateway' ? 3 : 2,
    resources: { memoryMb: 256, cpu: 0.25 },
  }));
  const topology = { name: 'small', processes, data: DATA, balancer: {}, discovery: 'dns', ...over };
  return deploymentOf(topologyWith(topology), catalogue);
}

/** The schema's list of services is that of the code; a service to come has to get around it. */
function topologyWith(raw: { processes: { services: string[] }[] }): Topology {
  const known = raw.processes.filter(({ services }) => !services.includes(TWELFTH.name));
  const parsed = Topology.parse({ ...raw, processes: known });
  return { ...parsed, processes: raw.processes as Topology['processes'] };
}
