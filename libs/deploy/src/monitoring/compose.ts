import { check, HARDENED, resourcesOf, scratch, secretFile } from '../compose/service.js';
import type { Deployment } from '../deployment.js';
import { IMAGES } from '../images.js';
import { appNetwork, type Beside, type Stack } from '../stack.js';

const NAME = 'monitoring';
/** `nobody` of Prometheus' images. */
const NOBODY = 65534;
const GRAFANA = 472;

const ready = (url: string) => check(['CMD', 'wget', '-q', '-O', '/dev/null', url], '60s');

/** Prometheus, Alertmanager and Grafana. Their pages are open to the machine itself only: whoever wants them tunnels there. */
export const monitoringStack = (deployment: Deployment): Stack => ({
  name: NAME,
  services: { prometheus: prometheus(deployment), alertmanager, grafana },
  volumes: ['prometheus', 'alertmanager', 'grafana'],
  usage: [
    'Grafana: http://127.0.0.1:3000, as admin with deploy/secrets/grafana_admin_password. Prometheus: 9090, Alertmanager: 9093, on the machine itself.',
    'Alerts go to the URL in deploy/secrets/alert_webhook_url.',
  ],
});

const prometheus = (deployment: Deployment): Beside => ({
  image: IMAGES.prometheus,
  '<<': HARDENED,
  user: `${NOBODY}:${NOBODY}`,
  command: [
    '--config.file=/etc/prometheus/prometheus.yml',
    '--storage.tsdb.path=/prometheus',
    '--storage.tsdb.retention.time=15d',
    '--storage.tsdb.retention.size=8GB',
  ],
  volumes: ['./prometheus:/etc/prometheus:ro', 'prometheus:/prometheus'],
  secrets: ['metrics_token'],
  tmpfs: scratch(NOBODY),
  ports: ['127.0.0.1:${PROMETHEUS_PORT:-9090}:9090'],
  networks: [appNetwork(deployment), NAME],
  healthcheck: ready('http://127.0.0.1:9090/-/ready'),
  stop_grace_period: '30s',
  deploy: { resources: resourcesOf({ memoryMb: 512, cpu: 0.25 }, { memoryMb: 1024, cpu: 1 }) },
});

const alertmanager: Beside = {
  image: IMAGES.alertmanager,
  '<<': HARDENED,
  user: `${NOBODY}:${NOBODY}`,
  command: [
    '--config.file=/etc/alertmanager/alertmanager.yml',
    '--storage.path=/alertmanager',
    '--cluster.listen-address=',
  ],
  volumes: ['./alertmanager:/etc/alertmanager:ro', 'alertmanager:/alertmanager'],
  secrets: ['alert_webhook_url'],
  tmpfs: scratch(NOBODY),
  ports: ['127.0.0.1:${ALERTMANAGER_PORT:-9093}:9093'],
  networks: [NAME],
  healthcheck: ready('http://127.0.0.1:9093/-/ready'),
  deploy: { resources: resourcesOf({ memoryMb: 64, cpu: 0.1 }, { memoryMb: 128, cpu: 0.5 }) },
};

const grafana: Beside = {
  image: IMAGES.grafana,
  '<<': HARDENED,
  user: `${GRAFANA}:0`,
  environment: {
    GF_SECURITY_ADMIN_PASSWORD__FILE: secretFile('grafana_admin_password'),
    GF_USERS_ALLOW_SIGN_UP: 'false',
    GF_ANALYTICS_REPORTING_ENABLED: 'false',
    GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
    GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
    GF_PLUGINS_PREINSTALL_DISABLED: 'true',
    GF_LOG_MODE: 'console',
  },
  volumes: [
    './grafana/provisioning:/etc/grafana/provisioning:ro',
    './grafana/nakku.json:/etc/grafana/dashboards/nakku.json:ro',
    'grafana:/var/lib/grafana',
  ],
  secrets: ['grafana_admin_password'],
  tmpfs: scratch(GRAFANA),
  ports: ['127.0.0.1:${GRAFANA_PORT:-3000}:3000'],
  networks: [NAME],
  healthcheck: ready('http://127.0.0.1:3000/api/health'),
  deploy: { resources: resourcesOf({ memoryMb: 256, cpu: 0.1 }, { memoryMb: 512, cpu: 1 }) },
};

/** What Grafana finds at its first start. */
export const PROVISIONING = {
  'datasources/prometheus.yml': {
    apiVersion: 1,
    datasources: [
      {
        name: 'Prometheus',
        uid: 'prometheus',
        type: 'prometheus',
        access: 'proxy',
        url: 'http://prometheus:9090',
        isDefault: true,
      },
    ],
  },
  'dashboards/nakku.yml': {
    apiVersion: 1,
    providers: [{ name: 'nakku', type: 'file', allowUiUpdates: false, options: { path: '/etc/grafana/dashboards' } }],
  },
};
