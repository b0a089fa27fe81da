import {
  CONTROLLER_PORT,
  type DatabaseServer,
  type Deployment,
  KAFKA_PORT,
  MYSQL_PORT,
  type Process,
  REDIS_BUS_PORT,
  REDIS_PORT,
} from '../deployment.js';
import { type Host, MANAGEMENT } from './nftables.js';

const BALANCER = 'balancer';
/** Who scrapes metrics. */
const MONITORING = 'monitoring';
const CONSUL = 'consul';

/** Every role of a deployment with just the connections that its parts need of each other. */
export function hostsOf(deployment: Deployment): Host[] {
  const { processes, databases, brokers, caches } = deployment;
  const apps = processes.map(({ app }) => app);
  const hearing = processes.filter(({ domains }) => domains.length > 0).map(({ app }) => app);
  return [
    { role: BALANCER, openings: [{ ports: [80, 443] }] },
    ...processes.map((process) => appHost(deployment, process)),
    ...databases.map((server) => databaseHost(deployment, server)),
    ...(brokers.length > 0 ? [cluster('kafka', KAFKA_PORT, hearing, CONTROLLER_PORT)] : []),
    ...(caches.length > 0 ? [cluster('redis', REDIS_PORT, apps, REDIS_BUS_PORT)] : []),
    ...(usesConsul(deployment) ? [{ role: CONSUL, openings: [{ ports: [8500], from: [...apps, MANAGEMENT] }] }] : []),
  ];
}

function appHost(deployment: Deployment, process: Process): Host {
  const callers = deployment.processes.filter(({ calls }) => calls.some(({ app }) => app === process.app));
  const from = [
    ...(process === deployment.gateway ? [BALANCER] : []),
    ...callers.map(({ app }) => app),
    MONITORING,
    ...(usesConsul(deployment) ? [CONSUL] : []),
  ];
  return { role: process.app, openings: [{ ports: [process.port], from }] };
}

/** One set of rules for a primary and its replicas: they copy from each other, and one may take the other's place. */
function databaseHost({ processes }: Deployment, { host, domains, replicas }: DatabaseServer): Host {
  const users = processes.filter((process) => process.domains.some((domain) => domains.includes(domain)));
  const from = [...users.map(({ app }) => app), ...(replicas.length > 0 ? [host] : []), MANAGEMENT];
  return { role: host, openings: [{ ports: [MYSQL_PORT], from }] };
}

const cluster = (role: string, port: number, from: readonly string[], between: number): Host => ({
  role,
  openings: [
    { ports: [port], from: [...from, MANAGEMENT] },
    { ports: [port, between], from: [role] },
  ],
});

const usesConsul = ({ topology }: Deployment): boolean => topology.discovery === 'consul';
