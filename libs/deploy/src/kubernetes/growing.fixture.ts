import { parseAllDocuments } from 'yaml';
import type { ServiceEntry } from '../catalogue.js';
import { smallDeployment } from '../deployment.fixture.js';
import type { Deployment } from '../deployment.js';
import { renderKubernetes } from './index.js';

/** The small deployment, grown by need: the order service by orders too. */
export function growingDeployment(more: readonly ServiceEntry[] = [], over: object = {}): Deployment {
  const processes = smallDeployment(more).topology.processes.map((process) => ({
    ...process,
    autoscale: {
      min: process.replicas,
      max: 10,
      cpu: 70,
      ...(process.name === 'order' && { ordersPerMinute: 120 }),
    },
  }));
  return smallDeployment(more, { name: 'kubernetes', processes, ...over });
}

/** The rendered files by path. */
export const filesOf = (deployment: Deployment): Record<string, string> =>
  Object.fromEntries(renderKubernetes(deployment).map(({ path, content }) => [path, content]));

/** The files of the chart, by their path in it. */
export const chartOf = (deployment: Deployment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(filesOf(deployment))
      .filter(([path]) => path.startsWith('helm/nakku/'))
      .map(([path, content]) => [path.slice('helm/nakku/'.length), content]),
  );

/** An object of the plain manifests, as far as tests look into them. */
export interface Seen {
  kind: string;
  metadata: { name: string; namespace?: string; labels: Record<string, string>; annotations?: Record<string, string> };
  data?: Record<string, string>;
  spec: Spec;
}

export interface Spec {
  template?: { metadata: { labels: Record<string, string>; annotations?: Record<string, string> }; spec: PodSpec };
  selector?: Record<string, string> & { matchLabels?: Record<string, string> };
  podSelector?: { matchLabels?: Record<string, string> };
  scaleTargetRef?: { name: string };
  ingress?: Rule[];
  egress?: Rule[];
  rules?: { http: { paths: { path: string }[] } }[];
  [key: string]: unknown;
}

export interface Rule {
  from?: Peer[];
  to?: Peer[];
  ports?: { port: number }[];
}

export interface Peer {
  podSelector?: { matchLabels: Record<string, string> };
  namespaceSelector?: object;
}

export interface PodSpec {
  serviceAccountName: string;
  automountServiceAccountToken: boolean;
  securityContext: Record<string, unknown>;
  terminationGracePeriodSeconds?: number;
  initContainers?: Container[];
  containers: Container[];
  volumes: Record<string, { sources?: { secret: { name: string; items?: { key: string }[] } }[] }>[];
  [key: string]: unknown;
}

export interface Container {
  name: string;
  image: string;
  env?: { name: string; value: string }[];
  command?: string[];
  securityContext: Record<string, unknown>;
  resources: { requests: object; limits: object };
  [key: string]: unknown;
}

/** Every object of the plain manifests. */
export const objectsOf = (deployment: Deployment): Seen[] =>
  Object.entries(filesOf(deployment))
    .filter(([path]) => /\/kubernetes\/[^/]*\.yaml$/.test(path))
    .flatMap(([, content]) => parseAllDocuments(content, { version: '1.1' }))
    .map((document) => document.toJS() as Seen);

/** Those of a kind. */
export const ofKind = (deployment: Deployment, kind: string): Seen[] =>
  objectsOf(deployment).filter((object) => object.kind === kind);

/** The specs of everything that becomes a pod, by the name of what makes it. */
export const podsIn = (deployment: Deployment): [string, PodSpec][] =>
  objectsOf(deployment).flatMap(({ metadata, spec }) => (spec?.template ? [[metadata.name, spec.template.spec]] : []));
