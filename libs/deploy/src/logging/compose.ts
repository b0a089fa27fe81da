import { check, files, HARDENED, resourcesOf, scratch, secretFile, shell } from '../compose/service.js';
import { IMAGES } from '../images.js';
import type { Beside, Stack } from '../stack.js';

const NAME = 'logging';
const ELASTIC = '1000:0';

/** Filebeat, Elasticsearch and Kibana on one machine. They talk among themselves, so without TLS. */
export const loggingStack = (): Stack => ({
  name: NAME,
  services: { elasticsearch, 'logging-setup': setup, kibana, filebeat },
  volumes: ['elasticsearch', 'kibana', 'filebeat'],
  usage: [
    'Kibana: http://127.0.0.1:5601, as elastic with deploy/secrets/elastic_password.',
    'Elasticsearch wants vm.max_map_count of at least 262144 on the machine: sysctl -w vm.max_map_count=262144',
  ],
});

/** The images read passwords from files of mode 0400 or 0600 only, or not at all: the shell reads ours for them. */
const told = (variables: Record<string, string>, program: string): string[] => {
  const exports = Object.entries(variables).map(
    ([name, secret]) => `${name}=$(cat ${secretFile(secret)}); export ${name}; `,
  );
  return ['bash', '-c', shell(`set -eu; ${exports.join('')}exec ${program}`)];
};

const elasticsearch: Beside = {
  image: IMAGES.elasticsearch,
  '<<': HARDENED,
  // Its keystore is beside its settings, in the image.
  read_only: false,
  hostname: 'elasticsearch',
  user: ELASTIC,
  entrypoint: told(
    { ELASTIC_PASSWORD: 'elastic_password' },
    '/bin/tini -- /usr/local/bin/docker-entrypoint.sh eswrapper',
  ),
  environment: {
    'discovery.type': 'single-node',
    'xpack.security.enabled': 'true',
    'xpack.security.autoconfiguration.enabled': 'false',
    'xpack.security.http.ssl.enabled': 'false',
    'ingest.geoip.downloader.enabled': 'false',
    ES_JAVA_OPTS: '-Xms1g -Xmx1g',
  },
  secrets: ['elastic_password'],
  volumes: ['elasticsearch:/usr/share/elasticsearch/data'],
  tmpfs: scratch(1000),
  networks: [NAME],
  // Who is refused has had an answer.
  healthcheck: check(
    ['CMD', 'bash', '-c', "curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:9200 | grep -qE '200|401'"],
    '120s',
    12,
  ),
  ulimits: { ...files(65_536), memlock: { soft: -1, hard: -1 } },
  stop_grace_period: '60s',
  deploy: { resources: resourcesOf({ memoryMb: 1536, cpu: 0.5 }, { memoryMb: 2048, cpu: 2 }, 4096) },
};

const setup: Beside = {
  image: IMAGES.elasticsearch,
  '<<': HARDENED,
  restart: 'on-failure:5',
  user: ELASTIC,
  entrypoint: ['bash', '/setup/setup.sh'],
  secrets: ['elastic_password', 'kibana_password', 'filebeat_password'],
  volumes: ['./logging:/setup:ro'],
  tmpfs: scratch(1000),
  networks: [NAME],
  // It ends.
  healthcheck: { disable: true },
  depends_on: { elasticsearch: { condition: 'service_healthy' } },
  deploy: { resources: resourcesOf({ memoryMb: 64, cpu: 0.1 }) },
};

const kibana: Beside = {
  image: IMAGES.kibana,
  '<<': HARDENED,
  user: ELASTIC,
  entrypoint: told(
    {
      ELASTICSEARCH_PASSWORD: 'kibana_password',
      XPACK_ENCRYPTEDSAVEDOBJECTS_ENCRYPTIONKEY: 'kibana_encryption_key',
    },
    '/bin/tini -- /usr/local/bin/kibana-docker',
  ),
  environment: {
    SERVER_NAME: 'nakku-kibana',
    ELASTICSEARCH_HOSTS: 'http://elasticsearch:9200',
    ELASTICSEARCH_USERNAME: 'kibana_system',
    TELEMETRY_OPTIN: 'false',
    NODE_OPTIONS: '--max-old-space-size=768',
  },
  secrets: ['kibana_password', 'kibana_encryption_key'],
  volumes: ['kibana:/usr/share/kibana/data'],
  tmpfs: scratch(1000, '/usr/share/kibana/logs'),
  ports: ['127.0.0.1:${KIBANA_PORT:-5601}:5601'],
  networks: [NAME],
  healthcheck: check(['CMD', 'curl', '-sf', '-o', '/dev/null', 'http://127.0.0.1:5601/api/status'], '180s'),
  depends_on: { 'logging-setup': { condition: 'service_completed_successfully' } },
  deploy: { resources: resourcesOf({ memoryMb: 768, cpu: 0.25 }, { memoryMb: 1280, cpu: 1 }) },
};

const filebeat: Beside = {
  image: IMAGES.filebeat,
  '<<': HARDENED,
  // Docker's logs and its socket are root's. Without capabilities that is all it may do here, but the socket is the machine: see docs/operations/security.md.
  user: '0:0',
  entrypoint: told(
    { FILEBEAT_PASSWORD: 'filebeat_password' },
    'filebeat -e --strict.perms=false -c /etc/nakku/filebeat.yml',
  ),
  secrets: ['filebeat_password'],
  volumes: [
    './logging/filebeat.yml:/etc/nakku/filebeat.yml:ro',
    '/var/lib/docker/containers:/var/lib/docker/containers:ro',
    '/var/run/docker.sock:/var/run/docker.sock:ro',
    'filebeat:/usr/share/filebeat/data',
  ],
  tmpfs: scratch(0, '/usr/share/filebeat/logs'),
  networks: [NAME],
  healthcheck: check(['CMD', 'curl', '-sf', '-o', '/dev/null', 'http://127.0.0.1:5066/'], '60s'),
  depends_on: { 'logging-setup': { condition: 'service_completed_successfully' } },
  deploy: { resources: resourcesOf({ memoryMb: 128, cpu: 0.1 }, { memoryMb: 256, cpu: 0.5 }) },
};
