import { DOMAINS } from '@nakku/config';
import { z } from 'zod';

/** Everything that a process can host. */
export const SERVICES = ['gateway', ...DOMAINS] as const;
export type ServiceName = (typeof SERVICES)[number];

/** What may be a host name, a folder and a part of other names. */
const name = () =>
  z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, {
    error: 'must be a name of at most 40 lower-case letters, digits and dashes that begins with a letter',
  });
const count = (least: number) => z.int().min(least).max(1000);

const Resources = z
  .strictObject({
    memoryMb: z.int().min(64).max(65_536).describe('Memory in MiB'),
    cpu: z.number().min(0.05).max(64).describe('CPU in cores'),
  })
  .describe('What one copy is sure to get; it may use twice as much');

const Autoscale = z
  .strictObject({
    min: count(1).describe('The least number of copies'),
    max: count(1).describe('The greatest number of copies'),
    cpu: z
      .int()
      .min(1)
      .max(100)
      .default(70)
      .describe('The load that is aimed at, in percent of the CPU that is reserved'),
    ordersPerMinute: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe('Confirmed orders a minute and copy that are aimed at'),
  })
  .describe('Between how many copies Kubernetes chooses');

const Process = z
  .strictObject({
    name: name().describe('Its name; a process of one service is found as <service>-service, whatever this says'),
    port: z.int().min(1).max(65_535).describe('Where its first copy listens when no PORT is set'),
    services: z.array(z.enum(SERVICES)).min(1).describe('What it hosts'),
    replicas: count(1).default(1).describe('How many copies run'),
    resources: Resources.default({ memoryMb: 256, cpu: 0.25 }),
    autoscale: Autoscale.optional(),
  })
  .describe('Services that share a process');

const Database = z
  .strictObject({
    engine: z.enum(['mysql', 'mariadb']).describe('The database server'),
    replicas: count(0).describe('How many read replicas each server has'),
    servers: z
      .enum(['shared', 'per-service'])
      .default('shared')
      .describe(
        "per-service: each service's database has a server of its own; shared, without shards: one server has all",
      ),
    shards: z
      .array(
        z.strictObject({
          name: name().describe('Its server is mysql-<name>'),
          services: z.array(z.enum(DOMAINS)).min(1).describe('Whose databases are on it'),
        }),
      )
      .min(1)
      .optional()
      .describe("Which services' databases share a server; every domain is in one"),
  })
  .describe('A database for each domain, on these servers');

const Kafka = z
  .strictObject({
    brokers: count(1).describe('How many brokers run'),
    partitions: count(1).describe('Partitions of a topic: as many copies of a service as that can share its events'),
    replication: count(1).describe('How many brokers have each message'),
    minInSync: count(1).describe('How many of them must have it before it counts as sent'),
  })
  .describe('The brokers, and what topics are like that are made at the start');

const Redis = z
  .strictObject({
    mode: z.enum(['single', 'cluster']).describe('One server, or a cluster'),
    nodes: count(1).optional().describe('How many nodes the cluster has; 3 if not said'),
  })
  .describe('Shared caches, limits and positions');

const Data = z
  .strictObject({ database: Database, kafka: Kafka, redis: Redis })
  .describe('On which data the services run; without it, on embedded stores and in-process events, in one process');

const Balancer = z
  .strictObject({
    kind: z.enum(['nginx', 'haproxy']).default('nginx').describe('Which program'),
    host: z
      .string()
      .regex(/^[a-z0-9.-]{1,253}$/, { error: 'must be a host name in lower case' })
      .default('api.nakku.example')
      .describe('The host name that it answers to'),
  })
  .describe('What stands before the gateways');

/** A deploy configuration: which services share a process, how many copies of each run, and on which data. */
export const Topology = z
  .strictObject({
    name: name().describe('The name of this file, without .yaml'),
    description: z.string().max(500).optional().describe('One sentence for whoever chooses'),
    processes: z.array(Process).min(1).max(100).describe('Every service is in one of them'),
    data: Data.optional(),
    balancer: Balancer.default({ kind: 'nginx', host: 'api.nakku.example' }),
    discovery: z
      .enum(['dns', 'consul'])
      .default('dns')
      .describe('How processes find each other: by host names that have the addresses of all copies, or by Consul'),
  })
  .describe('Which services share a process, how many copies of each run, and on which data');
export type Topology = z.output<typeof Topology>;

/** The JSON Schema of topology files, for editors. */
export function topologyJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(Topology, { target: 'draft-7', io: 'input' });
  return { $schema, title: 'A topology of Nakku', ...schema };
}
