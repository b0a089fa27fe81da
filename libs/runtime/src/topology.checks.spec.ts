import { DOMAINS } from '@nakku/config';
import { topologyProblems } from './topology.checks.js';
import { SERVICES, Topology } from './topology.schema.js';

const DATA = {
  database: { engine: 'mysql', replicas: 0 },
  kafka: { brokers: 3, partitions: 6, replication: 3, minInSync: 2 },
  redis: { mode: 'cluster', nodes: 3 },
};
const process = (name: string, port: number, services: readonly string[], more: object = {}) => ({
  name,
  port,
  services,
  ...more,
});
const rest = (...without: string[]) => SERVICES.filter((service) => !without.includes(service));
const EDGE = process('edge', 8080, ['gateway']);
const SHOP = process('shop', 8081, rest('gateway'));

/** What is wrong, as `path: message`. */
const problems = (processes: object[], data: object | undefined = DATA): string[] =>
  topologyProblems(Topology.parse({ name: 'two', processes, data })).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );

describe('what must hold within a topology', () => {
  it('holds for two processes on data of their own', () => {
    expect(problems([EDGE, SHOP])).toEqual([]);
  });

  it('is that every service has a process', () => {
    expect(problems([EDGE, process('shop', 8081, rest('gateway', 'order', 'cart'))])).toEqual([
      'processes: has no process for order, cart',
    ]);
  });

  it('is that no service has two', () => {
    expect(problems([EDGE, SHOP, process('more', 8082, ['order'])])).toEqual([
      'processes.2.services.0: has order, which shop hosts: for more copies use replicas',
    ]);
    expect(problems([process('edge', 8080, ['gateway', 'gateway']), SHOP])).toEqual([
      'processes.0.services.1: lists gateway twice',
    ]);
  });

  it('is that names and ports differ', () => {
    expect(problems([EDGE, { ...SHOP, name: 'edge', port: 8080 }])).toEqual([
      'processes.1.name: must differ from the others, but processes.0 has it too',
      'processes.1.port: must differ from the others, but edge has it too',
    ]);
  });

  it.each(['nginx', 'redis', 'kafka-1', 'mysql-primary', 'order-service'])(
    'is that a process of several services is not called %s',
    (name) => {
      expect(problems([EDGE, { ...SHOP, name }])).toEqual([
        'processes.1.name: must not be a host name that something else may have',
      ]);
    },
  );

  it('is that embedded stores have one process, of one copy', () => {
    const reason = 'without data: an embedded store belongs to one process';
    const topology = (processes: object[]) =>
      topologyProblems(Topology.parse({ name: 'two', processes })).map(
        ({ path, message }) => `${path.join('.')}: ${message}`,
      );
    expect(topology([process('nakku', 8080, SERVICES)])).toEqual([]);
    expect(topology([EDGE, SHOP])).toEqual([`processes: must be one ${reason}`]);
    expect(topology([process('nakku', 8080, SERVICES, { replicas: 2, autoscale: { min: 1, max: 2 } })])).toEqual([
      `processes.0.replicas: must be 1 ${reason}`,
      `processes.0.autoscale: must not be set ${reason}`,
    ]);
  });

  it('is that a process can grow, and starts with no more copies than it may have', () => {
    expect(
      problems([
        { ...EDGE, autoscale: { min: 4, max: 3 } },
        { ...SHOP, replicas: 5, autoscale: { min: 1, max: 4 } },
      ]),
    ).toEqual([
      'processes.0.autoscale.min: must be at most max (3), but was 4',
      'processes.1.replicas: must be at most autoscale.max (4), but was 5',
    ]);
  });

  it('is that brokers are as many as copies of a message', () => {
    expect(
      problems([EDGE, SHOP], { ...DATA, kafka: { brokers: 1, partitions: 6, replication: 2, minInSync: 3 } }),
    ).toEqual([
      'data.kafka.replication: must be at most brokers (1), but was 2',
      'data.kafka.minInSync: must be at most replication (2), but was 3',
    ]);
  });

  it.each([
    [{ mode: 'cluster', nodes: 2 }, 'data.redis.nodes: must be at least 3, as a cluster needs, but was 2'],
    [{ mode: 'single', nodes: 1 }, 'data.redis.nodes: must not be set with mode: single, which is one server'],
  ])('is that Redis is a server or a cluster: not %j', (redis, problem) => {
    expect(problems([EDGE, SHOP], { ...DATA, redis })).toEqual([problem]);
    expect(problems([EDGE, SHOP], { ...DATA, redis: { mode: redis.mode } })).toEqual([]);
  });

  describe('with shards', () => {
    const sharded = (shards: object[], more: object = {}) =>
      problems([EDGE, SHOP], { ...DATA, database: { engine: 'mysql', replicas: 0, shards, ...more } });
    const [first, ...others] = DOMAINS;

    it('is that each database is on one of them', () => {
      expect(
        sharded([
          { name: 'a', services: [first] },
          { name: 'b', services: others },
        ]),
      ).toEqual([]);
      expect(sharded([{ name: 'a', services: others }])).toEqual([
        `data.database.shards: must have every database, but none has ${first}`,
      ]);
      expect(
        sharded([
          { name: 'a', services: [first] },
          { name: 'b', services: DOMAINS },
        ]),
      ).toEqual([`data.database.shards.1.services.0: has ${first}, which is on another shard already`]);
    });

    it('is that they have names of their own, and not each service a server', () => {
      expect(
        sharded([
          { name: 'a', services: [first] },
          { name: 'a', services: others },
        ]),
      ).toEqual(['data.database.shards.1.name: must differ from the others, but shards.0 has it too']);
      expect(sharded([{ name: 'a', services: DOMAINS }], { servers: 'per-service' })).toEqual([
        'data.database.shards: must not be set beside servers: per-service',
      ]);
    });
  });
});
