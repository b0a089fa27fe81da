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
import { KAFKA } from './kafka.js';
import type { Manifest, Node } from './manifest.js';
import { metadata, MIGRATE, podsOf, REDIS_CLUSTER, setOf } from './names.js';
import { both, type Condition, given, type Param, value } from './param.js';
import { REDIS } from './redis.js';

type Part = { [key: string]: Node };

/** Who may open a connection to whom, by the name of the app. */
export interface Edge {
  from: string;
  to: string;
  port: number;
}

const ENABLED = given(value('networkPolicy.enabled', true, 'Needs a network (CNI) that enforces policies.'));
const EXTRA = value(
  'networkPolicy.extraEgress',
  [],
  'Rules for what lies outside, of all pods: managed servers, a collector of traces. See examples/managed.yaml.',
);
const DNS = value(
  'networkPolicy.dns',
  [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
    // Where each machine has a cache of names, it answers at this address.
    { ipBlock: { cidr: '169.254.20.10/32' } },
  ],
  'Where names are looked up.',
);
const INGRESS = value(
  'networkPolicy.ingressController',
  { 'kubernetes.io/metadata.name': 'ingress-nginx' },
  'Labels of the namespace that the gateway is called from.',
);
const PROMETHEUS = value(
  'networkPolicy.prometheus',
  { 'kubernetes.io/metadata.name': 'monitoring' },
  'Labels of the namespace that metrics are read from.',
);

/** Every connection that the deployment needs within it: calls, databases, brokers, caches. */
export function edgesOf(deployment: Deployment): Edge[] {
  const { processes, databases, brokers, caches, redisMode } = deployment;
  const domainful = processes.filter(({ domains }) => domains.length > 0);
  const cluster = redisMode === 'cluster';
  return [
    ...processes.flatMap(({ app, calls }) => calls.map((called) => ({ from: app, to: called.app, port: called.port }))),
    ...databases.flatMap((server) => databaseEdges(server, domainful)),
    ...(brokers.length > 0
      ? [...domainful.map(({ app }) => app), KAFKA].map((from) => ({ from, to: KAFKA, port: KAFKA_PORT }))
      : []),
    ...(brokers.length > 0 ? [{ from: KAFKA, to: KAFKA, port: CONTROLLER_PORT }] : []),
    ...(caches.length > 0 ? processes.map(({ app }) => ({ from: app, to: REDIS, port: REDIS_PORT })) : []),
    ...(cluster ? [REDIS_CLUSTER, REDIS].map((from) => ({ from, to: REDIS, port: REDIS_PORT })) : []),
    ...(cluster ? [{ from: REDIS, to: REDIS, port: REDIS_BUS_PORT }] : []),
  ];
}

function databaseEdges(server: DatabaseServer, processes: readonly Process[]): Edge[] {
  const users = processes.filter(({ domains }) => domains.some((domain) => server.domains.includes(domain)));
  const to = setOf(server);
  const replicas = server.replicas.length > 0 ? [to] : [];
  return [...users.map(({ app }) => app), MIGRATE, ...replicas].map((from) => ({ from, to, port: MYSQL_PORT }));
}

/** Nothing may talk to anything but what is needed, and everybody may look up names. */
export function networkPolicies(deployment: Deployment): Manifest[] {
  const edges = edgesOf(deployment);
  const apps = [
    ...new Set([...deployment.processes.map(({ app }) => app), ...edges.flatMap(({ from, to }) => [from, to])]),
  ];
  return [
    policy('default-deny', {}, { policyTypes: ['Ingress', 'Egress'] }),
    policy('dns', {}, { policyTypes: ['Egress'], egress: [{ to: DNS, ports: [udp(53), tcp(53)] }] }),
    policy('extra-egress', {}, { policyTypes: ['Egress'], egress: EXTRA }, both(ENABLED, given(EXTRA))),
    ...apps.map((app) => policy(app, { matchLabels: podsOf(app) }, rulesOf(app, deployment, edges))),
  ];
}

function rulesOf(app: string, { processes, gateway }: Deployment, edges: readonly Edge[]): Part {
  const process = processes.find((one) => one.app === app);
  const ingress = [
    ...byPort(
      edges.filter(({ to }) => to === app),
      'from',
    ),
    ...(process ? [namespaceRule(PROMETHEUS, process.port)] : []),
    ...(process === gateway ? [namespaceRule(INGRESS, gateway.port)] : []),
  ];
  return {
    policyTypes: ['Ingress', 'Egress'],
    ingress,
    egress: byPort(
      edges.filter(({ from }) => from === app),
      'to',
    ),
  };
}

/** One rule for each port and all those at the other end of it. */
function byPort(edges: readonly Edge[], end: 'from' | 'to'): Part[] {
  const ports = [...new Set(edges.map(({ port }) => port))];
  return ports.map((port) => ({
    [end]: edges
      .filter((edge) => edge.port === port)
      .map((edge) => ({ podSelector: { matchLabels: podsOf(edge[end]) } })),
    ports: [tcp(port)],
  }));
}

const namespaceRule = (labels: Param, port: number): Part => ({
  from: [{ namespaceSelector: { matchLabels: labels } }],
  ports: [tcp(port)],
});

const tcp = (port: number) => ({ protocol: 'TCP', port });
const udp = (port: number) => ({ protocol: 'UDP', port });

const policy = (name: string, podSelector: Part, spec: Part, when: Condition = ENABLED): Manifest => ({
  object: {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(name, 'network'),
    spec: { podSelector, ...spec },
  },
  when,
});
