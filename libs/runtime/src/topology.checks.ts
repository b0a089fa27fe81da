import { DOMAINS } from '@nakku/config';
import { SERVICES, type Topology } from './topology.schema.js';

/** Something that is wrong, and where: the keys that lead to it. */
export interface TopologyProblem {
  path: PropertyKey[];
  /** What is said after the path: `must be …`. */
  message: string;
}

/** What no single value is to blame for: everything that must hold between them. */
export const topologyProblems = (topology: Topology): TopologyProblem[] =>
  [hosting, uniqueness, hostNames, withoutData, scaling, databases, kafka, redis].flatMap((check) => check(topology));

function hosting({ processes }: Topology): TopologyProblem[] {
  const missing = SERVICES.filter((service) => !processes.some(({ services }) => services.includes(service)));
  const seen = new Map<string, string>();
  const twice = processes.flatMap(({ name, services }, index) =>
    services.flatMap((service, place) => {
      const other = seen.get(service);
      seen.set(service, name);
      if (other === undefined) return [];
      const message =
        other === name
          ? `lists ${service} twice`
          : `has ${service}, which ${other} hosts: for more copies use replicas`;
      return [{ path: ['processes', index, 'services', place], message }];
    }),
  );
  return [
    ...(missing.length > 0 ? [{ path: ['processes'], message: `has no process for ${missing.join(', ')}` }] : []),
    ...twice,
  ];
}

function uniqueness({ processes, data }: Topology): TopologyProblem[] {
  const shards = data?.database.shards ?? [];
  return [
    ...repeated(processes.map(({ name }) => name)).map(({ index, first }) => ({
      path: ['processes', index, 'name'],
      message: `must differ from the others, but processes.${first} has it too`,
    })),
    ...repeated(processes.map(({ port }) => port)).map(({ index, first }) => ({
      path: ['processes', index, 'port'],
      message: `must differ from the others, but ${processes[first]?.name} has it too`,
    })),
    ...repeated(shards.map(({ name }) => name)).map(({ index, first }) => ({
      path: ['data', 'database', 'shards', index, 'name'],
      message: `must differ from the others, but shards.${first} has it too`,
    })),
  ];
}

const TAKEN = /^(nginx|haproxy|consul|migrate|api-gateway|(redis|kafka|mysql)(-.*)?|.*-service)$/;

/** A process of several services is found by its own name. */
const hostNames = ({ processes }: Topology): TopologyProblem[] =>
  processes.flatMap(({ name, services }, index) =>
    services.length > 1 && TAKEN.test(name)
      ? [{ path: ['processes', index, 'name'], message: 'must not be a host name that something else may have' }]
      : [],
  );

function withoutData({ processes, data }: Topology): TopologyProblem[] {
  if (data) return [];
  const reason = 'without data: an embedded store belongs to one process';
  const several = processes.length > 1 ? [{ path: ['processes'], message: `must be one ${reason}` }] : [];
  const copies = processes.flatMap(({ replicas, autoscale }, index) => [
    ...(replicas > 1 ? [{ path: ['processes', index, 'replicas'], message: `must be 1 ${reason}` }] : []),
    ...(autoscale ? [{ path: ['processes', index, 'autoscale'], message: `must not be set ${reason}` }] : []),
  ]);
  return [...several, ...copies];
}

const scaling = ({ processes }: Topology): TopologyProblem[] =>
  processes.flatMap(({ replicas, autoscale }, index) => {
    if (!autoscale) return [];
    const { min, max } = autoscale;
    if (min > max)
      return [
        { path: ['processes', index, 'autoscale', 'min'], message: `must be at most max (${max}), but was ${min}` },
      ];
    const path = ['processes', index, 'replicas'];
    return replicas > max ? [{ path, message: `must be at most autoscale.max (${max}), but was ${replicas}` }] : [];
  });

function databases({ data }: Topology): TopologyProblem[] {
  const { shards, servers } = data?.database ?? {};
  if (!shards) return [];
  const path = ['data', 'database', 'shards'];
  const placed = shards.flatMap(({ services }, shard) =>
    services.map((service, index) => ({ service, at: [...path, shard, 'services', index] })),
  );
  const missing = DOMAINS.filter((domain) => !placed.some(({ service }) => service === domain));
  return [
    ...(servers === 'per-service' ? [{ path, message: 'must not be set beside servers: per-service' }] : []),
    ...(missing.length > 0 ? [{ path, message: `must have every database, but none has ${missing.join(', ')}` }] : []),
    ...repeated(placed.map(({ service }) => service)).map(({ index }) => ({
      path: placed[index]?.at ?? path,
      message: `has ${placed[index]?.service}, which is on another shard already`,
    })),
  ];
}

function kafka({ data }: Topology): TopologyProblem[] {
  if (!data) return [];
  const { brokers, replication, minInSync } = data.kafka;
  const at = (key: string, most: string, limit: number, was: number) =>
    was > limit
      ? [{ path: ['data', 'kafka', key], message: `must be at most ${most} (${limit}), but was ${was}` }]
      : [];
  return [
    ...at('replication', 'brokers', brokers, replication),
    ...at('minInSync', 'replication', replication, minInSync),
  ];
}

const CLUSTER_NODES = 3;

function redis({ data }: Topology): TopologyProblem[] {
  const { mode, nodes } = data?.redis ?? {};
  if (nodes === undefined) return [];
  const path = ['data', 'redis', 'nodes'];
  if (mode === 'single') return [{ path, message: 'must not be set with mode: single, which is one server' }];
  return nodes < CLUSTER_NODES
    ? [{ path, message: `must be at least ${CLUSTER_NODES}, as a cluster needs, but was ${nodes}` }]
    : [];
}

/** Every item that an earlier one equals, with the index of that one. */
const repeated = <T>(items: readonly T[]): { index: number; first: number }[] =>
  items.map((item, index) => ({ index, first: items.indexOf(item) })).filter(({ index, first }) => first < index);
