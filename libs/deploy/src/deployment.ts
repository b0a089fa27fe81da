import type { Topology } from '@nakku/runtime';
import { appNameOf, type Catalogue, GATEWAY, type ServiceEntry } from './catalogue.js';

export const MYSQL_PORT = 3306;
export const KAFKA_PORT = 9092;
/** Among brokers, of which each is a controller too. */
export const CONTROLLER_PORT = 9093;
export const REDIS_PORT = 6379;
/** Among the nodes of a Redis cluster. */
export const REDIS_BUS_PORT = REDIS_PORT + 10_000;

/** Memory in MiB, CPU in cores. */
export interface Resources {
  memoryMb: number;
  cpu: number;
}

/** What may be used at most where nothing else is said: twice what is sure. */
export const twice = ({ memoryMb, cpu }: Resources): Resources => ({ memoryMb: memoryMb * 2, cpu: cpu * 2 });

/** One process of a topology: what all its copies have in common. */
export interface Process {
  /** As the topology names it. */
  name: string;
  /** Its host name, image and unit everywhere: `api-gateway`, `order-service`; the process's own name where it hosts several services. */
  app: string;
  services: readonly string[];
  /** Its services that have a database and a topic: all but the gateway. */
  domains: readonly string[];
  port: number;
  replicas: number;
  /** What one copy is sure to get, and what it may use at most. */
  resources: Resources;
  limits: Resources;
  autoscale?: NonNullable<Topology['processes'][number]['autoscale']>;
  /** Other processes that it calls by HTTP. */
  calls: readonly { app: string; port: number; services: readonly string[] }[];
}

/** A MySQL or MariaDB server and its read replicas, by host name. */
export interface DatabaseServer {
  /** `mysql-primary`; `mysql-shard-1`, `mysql-order` where there are several. */
  host: string;
  replicas: readonly string[];
  domains: readonly string[];
}

/** A topology, worked out: who runs where under which name, and who talks to whom. Everything is rendered from this. */
export interface Deployment {
  name: string;
  topology: Topology;
  catalogue: Catalogue;
  processes: readonly Process[];
  /** The process that hosts the gateway. */
  gateway: Process;
  engine?: 'mysql' | 'mariadb';
  databases: readonly DatabaseServer[];
  /** Host names; empty where events are delivered within the process. */
  brokers: readonly string[];
  /** Host names; empty where caches are in memory. */
  caches: readonly string[];
  redisMode?: 'single' | 'cluster';
}

/** Whether this deployment is one for Kubernetes: some of its processes may grow. */
export const growing = ({ processes }: Deployment): boolean => processes.some(({ autoscale }) => autoscale);

/** Works a topology out; `catalogue` says who calls whom. */
export function deploymentOf(topology: Topology, catalogue: Catalogue): Deployment {
  const hosting = topology.processes.map((process) => ({ ...process, app: appOf(process) }));
  const processes = hosting.map(({ replicas, resources, ...process }) => ({
    ...process,
    replicas: Math.max(replicas, process.autoscale?.min ?? 1),
    domains: process.services.filter((service) => service !== GATEWAY),
    resources,
    limits: twice(resources),
    calls: calledBy(process.services, catalogue, hosting),
  }));
  const gateway = processes.find(({ services }) => services.some((service) => service === GATEWAY));
  if (!gateway) throw new Error(`The topology ${topology.name} has no gateway`);
  const { database, kafka, redis } = topology.data ?? {};
  return {
    name: topology.name,
    topology,
    catalogue,
    processes,
    gateway,
    engine: database?.engine,
    databases: database ? serversOf(database, catalogue) : [],
    brokers: numbered('kafka', kafka?.brokers ?? 0),
    caches: redis ? (redis.mode === 'single' ? ['redis'] : numbered('redis', redis.nodes ?? 3)) : [],
    redisMode: redis?.mode,
  };
}

function appOf({ name, services }: { name: string; services: readonly string[] }): string {
  const [only, ...others] = services;
  return only && others.length === 0 ? appNameOf(only) : name;
}

function calledBy(
  services: readonly string[],
  catalogue: Catalogue,
  hosting: readonly { app: string; port: number; services: readonly string[] }[],
): Process['calls'] {
  const own = (service: string) => services.includes(service);
  const wanted = new Set(catalogue.filter(({ name }) => own(name)).flatMap(({ calls }) => calls));
  return hosting
    .map(({ app, port, services: theirs }) => ({
      app,
      port,
      services: theirs.filter((service) => wanted.has(service) && !own(service)),
    }))
    .filter(({ services: theirs }) => theirs.length > 0);
}

type Database = NonNullable<Topology['data']>['database'];

function serversOf({ replicas, servers, shards }: Database, catalogue: Catalogue): DatabaseServer[] {
  const domains = catalogue.map(({ name }: ServiceEntry) => name).filter((name) => name !== GATEWAY);
  const groups = shards
    ? shards.map(({ name, services }) => ({ host: `mysql-${name}`, domains: services }))
    : servers === 'per-service'
      ? domains.map((domain) => ({ host: `mysql-${domain}`, domains: [domain] }))
      : [{ host: 'mysql-primary', domains }];
  return groups.map(({ host, ...group }) => ({
    host,
    ...group,
    replicas: numbered(groups.length === 1 ? 'mysql-replica' : `${host}-replica`, replicas),
  }));
}

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);
