import { stringify } from 'yaml';
import { headline } from '../artefact.js';
import type { DatabaseServer, Deployment } from '../deployment.js';
import { camel, NAMESPACE, setOf } from './names.js';

const CHART = {
  apiVersion: 'v2',
  name: 'nakku',
  description: 'Nakku: the gateway, a Deployment for each service, and MySQL, Kafka and Redis or managed ones.',
  type: 'application',
  version: '0.1.0',
  // For preStop.sleep, which needs nothing in the image.
  kubeVersion: '>=1.30.0-0',
};

/** What the branches of values.yaml are about. */
export const GROUPS: Readonly<Record<string, string>> = {
  image: 'One build under the name of each app: <repository>/order-service:<tag>.',
  ingress: 'The way in.',
  mode: '',
  seed: '',
  environment: '',
  processes:
    'Between how many copies of each process the autoscaler chooses (replicas: without it), and what one copy gets.',
  autoscaling: 'How it is told that more copies are needed.',
  shutdown: 'How pods go.',
  secrets: 'Names of Secrets, which create-secrets.sh makes. Their keys are named as the files below deploy/secrets.',
  mysql: 'The database servers.',
  'mysql.servers': 'Where each is, as processes are told.',
  kafka: 'The brokers.',
  redis: 'Caches and limits.',
  gateway: 'What the gateway alone is told.',
  networkPolicy: 'Nobody talks to anybody but where a call, a topic or a database asks for it.',
  serviceMonitor: 'For Prometheus.',
  images: 'Of what Nakku stands on.',
};

/** The files of the chart that are no templates of manifests, by path. */
export const chartFiles = (deployment: Deployment): Record<string, string> => ({
  'Chart.yaml': `${headline(deployment)}\n${stringify(CHART, { lineWidth: 0 })}`,
  '.helmignore': '.git/\n*.tgz\n*.orig\n*.swp\nREADME.md\nexamples/\n',
  'README.md': readme(deployment),
  'templates/NOTES.txt': notes(deployment),
  'examples/managed.yaml': managed(deployment),
});

const readme = ({ name, topology }: Deployment): string => `# The chart of Nakku

Rendered from \`deploy/topologies/${name}.yaml\` by \`npx nakku topology render\`: change that, not this. The plain manifests in
\`deploy/rendered/${name}/kubernetes\` are the same with the values as they are here.

\`\`\`sh
kubectl apply -f deploy/rendered/${name}/kubernetes/00-namespace.yaml
npx nakku secrets init --topology ${name}
deploy/rendered/${name}/kubernetes/create-secrets.sh deploy/secrets ${NAMESPACE}
helm upgrade --install nakku deploy/helm/nakku --namespace ${NAMESPACE} --wait --timeout 15m \\
  --set image.repository=registry.example.com/nakku --set image.tag=1.2.3 --set ingress.host=${topology.balancer.host}
\`\`\`

- The namespace is not part of the release, because its labels (Pod Security \`restricted\`) must be there before the first pod. One release in a namespace.
- Values are in \`values.yaml\`, each with what it is for; \`values.schema.json\` refuses those that nobody reads.
- Managed databases, brokers, caches: \`examples/managed.yaml\`.
- Migrations run as a Job of the release; the pods of services wait for it (\`kubectl logs POD -c migrated\` says for what).
- More: \`docs/operations/kubernetes.md\`.
`;

const notes = ({
  gateway,
}: Deployment): string => `Nakku is being installed into {{ .Release.Namespace }}. Pods of services wait until the databases are migrated:

  kubectl -n {{ .Release.Namespace }} logs -f job/migrate-{{ .Release.Revision }}
  kubectl -n {{ .Release.Namespace }} rollout status deployment/${gateway.app}
{{ if .Values.ingress.enabled }}
Then: curl https://{{ .Values.ingress.host }}/health
{{ else }}
Then: kubectl -n {{ .Release.Namespace }} port-forward service/${gateway.app} ${gateway.port}
{{ end }}
{{- if eq .Values.image.tag "latest" }}
image.tag is "latest": give a version, or nobody knows what runs.
{{- end }}
{{- if and (not (and .Values.mysql.enabled .Values.kafka.enabled .Values.redis.enabled)) .Values.networkPolicy.enabled (not .Values.networkPolicy.extraEgress) }}
Some servers are managed elsewhere, and no policy lets anybody reach them: set networkPolicy.extraEgress.
{{- end }}
`;

/** Values for servers that somebody else runs. */
function managed(deployment: Deployment): string {
  const { databases, brokers, caches } = deployment;
  const servers = databases.map((server) => [camel(setOf(server)), endpoints(server)]);
  const values = {
    mysql: { enabled: false, servers: Object.fromEntries(servers) as object },
    ...(brokers.length > 0 && {
      kafka: { enabled: false, brokers: 'b-1.kafka.example.com:9094,b-2.kafka.example.com:9094' },
    }),
    ...(caches.length > 0 && { redis: { enabled: false, ...(caches.length > 1 && { nodes: '' }) } }),
    environment: {
      DB_SSL_CA_FILE: '/run/secrets/database-ca.crt',
      KAFKA_SSL: 'on',
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'nakku',
      KAFKA_SASL_PASSWORD_FILE: '/run/secrets/kafka_sasl_password',
    },
    networkPolicy: {
      extraEgress: [
        {
          to: [{ ipBlock: { cidr: '10.20.0.0/16' } }],
          ports: [3306, 9094, 6379].map((port) => ({ protocol: 'TCP', port })),
        },
      ],
    },
  };
  return `${headline(deployment)}
# Managed servers: helm upgrade --install nakku deploy/helm/nakku --namespace ${NAMESPACE} --values this.yaml
# - users and databases: PRINT=1 .../10-users.sh (docs/operations/kubernetes.md); the passwords are those of deploy/secrets
# - redis_url in deploy/secrets is the address of the cache, rediss:// for TLS
# - kubectl -n ${NAMESPACE} create secret generic managed --from-file=database-ca.crt --from-file=kafka_sasl_password
${stringify(values, { lineWidth: 0, version: '1.1' })}`;
}

const endpoints = ({ host, replicas }: DatabaseServer) => ({
  host: `${host}.db.example.com`,
  replicas: replicas.map((replica) => `${replica}.db.example.com:3306`).join(','),
});
