import { type Artefact, artefact, headline, type Renderer } from '../artefact.js';
import { type Deployment, growing } from '../deployment.js';
import { chartFiles, GROUPS } from './chart.js';
import { configMaps } from './config.js';
import { ingressManifests } from './ingress.js';
import { migrationManifests } from './jobs.js';
import { brokerManifests } from './kafka.js';
import { type ManifestFile, plainFile, templateFile, valuesIn } from './manifest.js';
import { adapterValues, serviceMonitors } from './monitoring.js';
import { databaseManifests } from './mysql.js';
import { NAMESPACE, setOf } from './names.js';
import { networkPolicies } from './policies.js';
import { cacheManifests } from './redis.js';
import { secretsScript } from './secrets.js';
import { valuesFile, valuesSchema } from './values.js';
import { processManifests } from './workload.js';

/** Kubernetes is for topologies whose processes grow by themselves (`autoscale`): plain manifests, and a chart of the same objects. */
export const renderKubernetes: Renderer = (deployment) => {
  if (!growing(deployment)) return [];
  if (deployment.databases.length === 0)
    throw new Error(
      `The topology ${deployment.name} has autoscale, but no data: copies of a service need a database server`,
    );
  const files = manifestFiles(deployment);
  return [...plainArtefacts(deployment, files), ...chartArtefacts(deployment, files)];
};

/** Everything that is applied, but the namespace, in the order in which it is. */
export function manifestFiles(deployment: Deployment): ManifestFile[] {
  const { processes, databases, brokers, caches } = deployment;
  return [
    { name: '10-config.yaml', manifests: configMaps(deployment) },
    { name: '20-network-policies.yaml', manifests: networkPolicies(deployment) },
    ...databases.map((server) => ({
      name: `30-${setOf(server)}.yaml`,
      manifests: databaseManifests(deployment, server),
    })),
    { name: '31-kafka.yaml', manifests: brokers.length > 0 ? brokerManifests(deployment) : [] },
    { name: '32-redis.yaml', manifests: caches.length > 0 ? cacheManifests(deployment) : [] },
    { name: '40-migrate.yaml', manifests: migrationManifests(deployment) },
    ...processes.map((process) => ({
      name: `50-${process.app}.yaml`,
      manifests: processManifests(deployment, process),
    })),
    { name: '60-ingress.yaml', manifests: ingressManifests(deployment) },
    { name: '70-service-monitors.yaml', manifests: serviceMonitors(deployment) },
  ].filter(({ manifests }) => manifests.length > 0);
}

function plainArtefacts(deployment: Deployment, files: readonly ManifestFile[]): Artefact[] {
  const at = (name: string, content: string, executable?: boolean) =>
    artefact(deployment, `kubernetes/${name}`, content, executable);
  const head = headline(deployment);
  const plain = [namespaceFile, ...files].map((file) => ({ name: file.name, content: plainFile(file, head) }));
  return [
    ...plain.flatMap(({ name, content }) => (content === undefined ? [] : [at(name, content)])),
    at('create-secrets.sh', secretsScript(deployment), true),
    artefact(deployment, 'prometheus-adapter/values.yaml', `${head}\n${adapterValues()}`),
  ];
}

/** The chart's folder is named after the product; that of a second topology that grows, after itself too. */
function chartArtefacts(deployment: Deployment, files: readonly ManifestFile[]): Artefact[] {
  const folder = deployment.name === 'kubernetes' ? 'helm/nakku' : `helm/nakku-${deployment.name}`;
  const head = headline(deployment);
  const values = valuesIn(files);
  const contents: Record<string, string> = {
    ...chartFiles(deployment),
    'values.yaml': valuesFile(values, GROUPS, head),
    'values.schema.json': valuesSchema(values),
    ...Object.fromEntries(files.map((file) => [`templates/${file.name}`, templateFile(file, head)])),
  };
  return Object.entries(contents).map(([path, content]) => ({ path: `${folder}/${path}`, content }));
}

/** Pods that ask for more rights than `restricted` allows are refused here. */
const restricted = Object.fromEntries(
  ['enforce', 'warn', 'audit'].flatMap((what) => [
    [`pod-security.kubernetes.io/${what}`, 'restricted'],
    [`pod-security.kubernetes.io/${what}-version`, 'latest'],
  ]),
) as Record<string, string>;

const namespaceFile: ManifestFile = {
  name: '00-namespace.yaml',
  manifests: [{ object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels: restricted } } }],
};
