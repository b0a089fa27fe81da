// Writes the pods of manifests (stdin) as a compose file (stdout): the same images, commands, variables, files, users and rights, without a cluster.
// What a kubelet does besides is left out: NetworkPolicies, probes that kill, moving pods.
const { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { parseAllDocuments } = require('yaml');

const [work, secrets, copies = '1'] = process.argv.slice(2);
if (!work || !secrets) {
  process.stderr.write(
    'Usage: helm template ... | node kubernetes-containers.cjs FOLDER SECRETS [COPIES] >compose.json\n',
  );
  process.exit(2);
}

const objects = parseAllDocuments(readFileSync(0, 'utf8'), { version: '1.1' }).flatMap(
  (document) => document.toJS() ?? [],
);
const ofKind = (kind) => objects.filter((object) => object.kind === kind);
const configMap = (name) => ofKind('ConfigMap').find(({ metadata }) => metadata.name === name)?.data ?? {};

/** The pods that a controller would make, each with its name and labels. */
function podsOf({ kind, metadata: { name }, spec }) {
  const labels = spec.template.metadata.labels;
  const pod = (podName, more = {}) => ({
    name: podName,
    labels: { ...labels, ...more },
    spec: spec.template.spec,
    once: kind === 'Job',
    claims: spec.volumeClaimTemplates ?? [],
  });
  if (kind === 'Job') return [pod(name)];
  if (kind === 'Deployment') return Array.from({ length: Number(copies) }, (_, index) => pod(`${name}-${index + 1}`));
  const first = spec.ordinals?.start ?? 0;
  return Array.from({ length: spec.replicas }, (_, index) => `${name}-${index + first}`).map((podName) =>
    pod(podName, { 'statefulset.kubernetes.io/pod-name': podName }),
  );
}

/** Under which names others find a pod. */
const namesOf = ({ labels }) =>
  ofKind('Service')
    .filter(
      ({ spec }) => spec.selector && Object.entries(spec.selector).every(([key, wanted]) => labels[key] === wanted),
    )
    .map(({ metadata }) => metadata.name);

function file(path, content, from) {
  mkdirSync(dirname(path), { recursive: true });
  if (from) copyFileSync(from, path);
  else writeFileSync(path, content);
  chmodSync(path, 0o444);
}

/** Makes the volumes of a pod as folders: where each is. */
function foldersOf(pod) {
  const volumes = [...pod.spec.volumes, ...pod.claims.map(({ metadata }) => ({ name: metadata.name, emptyDir: {} }))];
  const rows = volumes.map((volume) => {
    const folder = join(work, pod.name, volume.name);
    mkdirSync(folder, { recursive: true });
    if (volume.emptyDir) chmodSync(folder, 0o777);
    for (const [name, content] of Object.entries(configMap(volume.configMap?.name))) file(join(folder, name), content);
    for (const { secret } of volume.projected?.sources ?? [])
      for (const { key, path } of secret.items ?? []) file(join(folder, path), undefined, join(secrets, key));
    return [volume.name, folder];
  });
  return Object.fromEntries(rows);
}

function environmentOf({ envFrom = [], env = [] }) {
  const maps = envFrom.map(({ configMapRef }) => configMap(configMapRef.name));
  return Object.assign({}, ...maps, Object.fromEntries(env.map(({ name, value }) => [name, value])));
}

/** Readiness as a health check: by the same command, or by the same request. */
function healthcheck({ readinessProbe: probe, ports }) {
  if (!probe) return { disable: true };
  const url = `http://127.0.0.1:${ports[0].containerPort}${probe.httpGet?.path}`;
  const request = `fetch('${url}').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`;
  const test = probe.exec ? ['CMD', ...probe.exec.command] : ['CMD', 'node', '-e', request];
  return { test, interval: '10s', timeout: '5s', retries: 30 };
}

function service(pod, container, folders, more) {
  const { runAsUser, runAsGroup } = pod.spec.securityContext;
  const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } = container.securityContext;
  return {
    image: container.image,
    hostname: pod.name,
    pull_policy: 'never',
    ...(container.command && { entrypoint: container.command, command: container.args ?? [] }),
    environment: environmentOf(container),
    user: `${runAsUser}:${runAsGroup}`,
    read_only: readOnlyRootFilesystem,
    cap_drop: capabilities.drop,
    security_opt: allowPrivilegeEscalation ? [] : ['no-new-privileges:true'],
    mem_limit: container.resources.limits.memory.replace('Mi', 'm'),
    volumes: (container.volumeMounts ?? []).map(
      ({ name, mountPath, readOnly }) => `${folders[name]}:${mountPath}${readOnly ? ':ro' : ''}`,
    ),
    ...more,
  };
}

const services = {};
for (const pod of ['StatefulSet', 'Job', 'Deployment'].flatMap((kind) => ofKind(kind).flatMap(podsOf))) {
  const folders = foldersOf(pod);
  const before = (pod.spec.initContainers ?? []).map((container) => {
    const name = `${pod.name}-${container.name}`;
    services[name] = service(pod, container, folders, { restart: 'on-failure', healthcheck: { disable: true } });
    return name;
  });
  const [container] = pod.spec.containers;
  services[pod.name] = service(pod, container, folders, {
    restart: pod.once ? 'on-failure' : 'unless-stopped',
    stop_grace_period: `${pod.spec.terminationGracePeriodSeconds ?? 30}s`,
    healthcheck: healthcheck(container),
    networks: { default: { aliases: namesOf(pod) } },
    depends_on: Object.fromEntries(before.map((name) => [name, { condition: 'service_completed_successfully' }])),
  });
}
const [{ spec: ingress } = {}] = ofKind('Ingress');
const { name: way } = ingress?.rules[0].http.paths[0].backend.service ?? {};
if (way) services[`${way}-1`].ports = ['127.0.0.1:${PORT:-18090}:8080'];
// Compose, unlike Kubernetes, would fill in what begins with a dollar; only the port is meant so.
const text = JSON.stringify({ name: 'nakku-pods', services }, null, 2)
  .replaceAll('$', '$$$$')
  .replaceAll('$${PORT', '${PORT');
process.stdout.write(`${text}\n`);
