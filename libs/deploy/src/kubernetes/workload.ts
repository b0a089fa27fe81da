import type { Deployment, Process } from '../deployment.js';
import { secretsOf } from '../environment.js';
import { checksum, environment, GRACE_MS, variablesOf } from './config.js';
import type { Manifest, Node } from './manifest.js';
import { camel, type Component, componentOf, copiesOf, labelsOf, metadata, podsOf, secretOf } from './names.js';
import { not, type Param, plus, text, value } from './param.js';
import * as pod from './pod.js';
import { AUTOSCALING, budget, scalers } from './scaling.js';

/** `node` of the image. */
export const UID = 1000;

/** Everything of one process. */
export const processManifests = (deployment: Deployment, process: Process): Manifest[] => [
  { object: account(process.app, componentOf(process)) },
  { object: deploymentObject(deployment, process) },
  ...services(process),
  ...scalers(process),
  budget(
    process.app,
    componentOf(process),
    process === deployment.gateway ? { minAvailable: 2 } : { maxUnavailable: 1 },
  ),
];

const PULL_SECRETS = value('image.pullSecrets', [], 'E.g. [{name: registry}].');

/** Whom a pod runs as: an account that may do nothing and whose token is not mounted. */
export const account = (app: string, component: Component) => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: metadata(app, component),
  automountServiceAccountToken: false,
  imagePullSecrets: PULL_SECRETS,
});

const TAG = value('image.tag', 'latest', 'Give a version: what "latest" is changes.');

/** One build under many names. */
export const nakkuImage = (app: string): { [key: string]: Node } => ({
  image: text`${value('image.repository', 'nakku', 'Before the name of each image: registry.example.com/nakku.')}/${app}:${TAG}`,
  imagePullPolicy: value('image.pullPolicy', 'Always'),
});

function deploymentObject(deployment: Deployment, process: Process) {
  const { app } = process;
  const component = componentOf(process);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(app, component),
    spec: {
      // Said here, it would undo what the autoscaler has decided with every upgrade.
      replicas: value(`processes.${camel(app)}.replicas`, process.replicas).when(not(AUTOSCALING)),
      revisionHistoryLimit: 5,
      progressDeadlineSeconds: 900,
      selector: { matchLabels: podsOf(app) },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: {
          labels: labelsOf(app, component),
          annotations: {
            'checksum/environment': checksum(variablesOf(deployment, process)),
            'prometheus.io/scrape': 'true',
            'prometheus.io/path': '/metrics',
            'prometheus.io/port': String(process.port),
          },
        },
        spec: podSpec(deployment, process),
      },
    },
  };
}

/** Until the address of a pod has gone from every cache of names: kubeadm's DNS keeps it for 30 s, and processes look again every 5 s. */
const DRAIN = value(
  'shutdown.drainSeconds',
  35,
  [
    'How long a pod that is to stop still serves, while everybody learns that it goes: as long as the DNS of the cluster keeps',
    'an address, and 5 s more.',
  ].join('\n'),
  { minimum: 1, maximum: 300 },
);
const MARGIN_S = 5;

function podSpec(deployment: Deployment, process: Process): { [key: string]: Node } {
  const { app, port, domains } = process;
  const secrets = secretsOf(deployment, process);
  const surroundings = {
    ...environment(app, secrets),
    securityContext: pod.containerSecurity(),
    volumeMounts: [pod.SECRETS_MOUNT, pod.TMP_MOUNT, pod.mount('data', '/var/lib/nakku')],
    resources: resourcesOf(process),
  };
  const migrated = { name: 'migrated', ...nakkuImage(app), command: ['sh', '-c', UNTIL_MIGRATED], ...surroundings };
  return {
    ...pod.podBasics(app, UID),
    ...pod.spread(app),
    terminationGracePeriodSeconds: plus(DRAIN, GRACE_MS / 1000 + MARGIN_S),
    ...(domains.length > 0 && deployment.databases.length > 0 && { initContainers: [migrated] }),
    containers: [
      {
        name: 'nakku',
        ...nakkuImage(app),
        ports: [{ name: 'http', containerPort: port }],
        ...probes(),
        lifecycle: { preStop: { sleep: { seconds: DRAIN } } },
        ...surroundings,
      },
    ],
    volumes: [
      pod.secretFiles(
        secretOf(app),
        secrets.map(({ name }) => name),
        { managed: true },
      ),
      pod.scratch('tmp'),
      pod.scratch('data'),
    ],
  };
}

/** A service whose tables are older than it refuses to start: it waits here and not by being started in vain, longer each time. */
const UNTIL_MIGRATED = 'until nakku migrate status; do sleep 5; done';

const resourcesOf = ({ app, resources, limits }: Process): Param =>
  value(`processes.${camel(app)}.resources`, { requests: pod.amounts(resources), limits: pod.amounts(limits) });

function probes(): { [key: string]: Node } {
  const get = (path: string) => ({ httpGet: { path, port: 'http' } });
  return {
    // Three minutes: brokers and databases may start at the same time.
    startupProbe: { ...get('/health/live'), periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 90 },
    readinessProbe: { ...get('/health/ready'), periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 2 },
    // A process that is only slow is not made faster by being killed.
    livenessProbe: { ...get('/health/live'), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
  };
}

/** One address for whoever stands outside, and the addresses of all copies for the other processes. */
function services(process: Process): Manifest[] {
  const { app, port } = process;
  const ports = [{ name: 'http', port, targetPort: 'http' }];
  const service = (name: string, spec: { [key: string]: Node }, more: { [key: string]: Node } = {}): Manifest => ({
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata(app, componentOf(process), name), ...more },
      spec: { ...spec, selector: podsOf(app), ports },
    },
  });
  return [
    service(app, { type: 'ClusterIP' }),
    service(copiesOf(app), { type: 'ClusterIP', clusterIP: 'None' }, { labels: labelsOf(app, 'network') }),
  ];
}
