import type { Resources } from '../deployment.js';
import type { Manifest, Node } from './manifest.js';
import { type Component, labelsOf, metadata, podsOf } from './names.js';
import { type Condition, given, type Param, value } from './param.js';
import * as pod from './pod.js';
import { budget } from './scaling.js';
import { account } from './workload.js';

type Part = { [key: string]: Node };

/** Servers that keep data: pods with names and disks of their own. */
export interface ServerSet {
  name: string;
  component: Component;
  /** Host names, in the order of the pods. */
  hosts: readonly string[];
  /** The number of the first pod: with 1, `kafka-1` is the pod `kafka-1`. */
  firstOrdinal: 0 | 1;
  uid: number;
  ports: readonly { name: string; port: number }[];
  /** Where the disk is mounted. */
  data: string;
  /** The branch of the values: `mysql`. */
  branch: string;
  storage: string;
  resources: { requests: Resources; limits: Resources };
  container: Part;
  initContainers?: readonly Part[];
  volumes: readonly Part[];
  mounts: readonly Part[];
  parallel: boolean;
  /** Some find each other before they are ready. */
  foundBeforeReady: boolean;
  annotations?: Part;
}

const GRACE_S = 60;

/** Whether these servers run in the cluster, or are managed elsewhere. */
export const inCluster = (branch: string): Condition =>
  given(value(`${branch}.enabled`, true, 'false: managed elsewhere; say where, below.'));

/** The set with its account, names, and the promise not to take two at once. */
export function serverSet(set: ServerSet): Manifest[] {
  const when = inCluster(set.branch);
  const objects = [account(set.name, set.component), ...names(set), statefulSet(set)];
  return [...objects.map((object) => ({ object, when })), budget(set.name, set.component, { maxUnavailable: 1 }, when)];
}

/** A name for the set, as Kubernetes wants it, and one for each host, as everybody knows it. */
function names({ name, component, hosts, firstOrdinal, ports, foundBeforeReady }: ServerSet) {
  const service = (host: string, selector: Part) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(name, component, host),
    spec: {
      type: 'ClusterIP',
      clusterIP: 'None',
      publishNotReadyAddresses: foundBeforeReady,
      selector: { ...podsOf(name), ...selector },
      ports: ports.map((port) => ({ ...port, targetPort: port.name })),
    },
  });
  const ofPods = hosts.map((host, index) =>
    service(host, { 'statefulset.kubernetes.io/pod-name': `${name}-${index + firstOrdinal}` }),
  );
  return [service(nodesOf(name), {}), ...ofPods];
}

const nodesOf = (name: string): string => `${name}-nodes`;

function statefulSet(set: ServerSet) {
  const { name, component, hosts, firstOrdinal, parallel, annotations } = set;
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: metadata(name, component),
    spec: {
      serviceName: nodesOf(name),
      replicas: hosts.length,
      ...(firstOrdinal > 0 && { ordinals: { start: firstOrdinal } }),
      podManagementPolicy: parallel ? 'Parallel' : 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate' },
      selector: { matchLabels: podsOf(name) },
      template: {
        metadata: { labels: labelsOf(name, component), ...(annotations && { annotations }) },
        spec: podSpec(set),
      },
      volumeClaimTemplates: [claim(set)],
    },
  };
}

function podSpec({
  name,
  uid,
  ports,
  data,
  branch,
  resources,
  container,
  initContainers,
  volumes,
  mounts,
}: ServerSet): Part {
  const { requests, limits } = resources;
  const amounts = value(`${branch}.resources`, { requests: pod.amounts(requests), limits: pod.amounts(limits) });
  const common = { securityContext: pod.containerSecurity(), resources: amounts };
  return {
    ...pod.podBasics(name, uid),
    ...pod.apart(name),
    terminationGracePeriodSeconds: GRACE_S,
    ...(initContainers && { initContainers: initContainers.map((one) => ({ ...one, ...common })) }),
    containers: [
      {
        name: branch,
        ...container,
        ports: ports.map((port) => ({ name: port.name, containerPort: port.port })),
        ...common,
        volumeMounts: [pod.mount('data', data), pod.TMP_MOUNT, ...mounts],
      },
    ],
    volumes: [pod.scratch('tmp'), ...volumes],
  };
}

function claim({ name, branch, storage }: ServerSet) {
  const storageClass = value(`${branch}.storageClass`, '', 'Empty: that of the cluster.');
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', labels: podsOf(name) },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: storageClass.when(given(storageClass)),
      resources: {
        requests: { storage: value(`${branch}.storage`, storage, 'Of each. Cannot be changed by an upgrade.') },
      },
    },
  };
}

/** A check by a command in the container: until it starts, whether it serves, whether it lives. */
export function commandProbes(command: readonly string[], startSeconds: number, ready = command): Part {
  const check = { exec: { command }, timeoutSeconds: 5 };
  return {
    startupProbe: { ...check, periodSeconds: 5, failureThreshold: startSeconds / 5 },
    readinessProbe: { ...check, exec: { command: ready }, periodSeconds: 10, failureThreshold: 3 },
    livenessProbe: { ...check, periodSeconds: 20, failureThreshold: 6 },
  };
}

/** Files for containers, by name. */
export const filesOf = (
  name: string,
  component: Component,
  data: Record<string, string>,
  when?: Condition,
): Manifest => ({
  object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata(name, component, `${name}-files`), data },
  when,
});

export const filesVolume = (name: string): Part => ({ name: 'files', configMap: { name: `${name}-files` } });

/** The image of a server. */
export const serverImage = (image: Param): Part => ({ image, imagePullPolicy: 'IfNotPresent' });
