import { parse } from 'yaml';
import { smallDeployment, TWELFTH } from '../deployment.fixture.js';
import type { Deployment } from '../deployment.js';
import { growingDeployment } from '../kubernetes/growing.fixture.js';
import { alertsOf } from './alerts.js';
import { renderMonitoring } from './index.js';

const textOf = (deployment: Deployment, path: string): string =>
  renderMonitoring(deployment).find((file) => file.path === `rendered/${deployment.name}/${path}`)!.content;
const yamlOf = <T>(deployment: Deployment, path: string) => parse(textOf(deployment, path), { merge: true }) as T;

interface Scrape {
  job_name: string;
  authorization?: { credentials_file: string };
  dns_sd_configs?: { names: string[]; type: string; port: number }[];
}
interface Grid {
  panels: { id: number; title: string; type: string; gridPos: { x: number; y: number; w: number; h: number } }[];
}
interface Compose {
  services: Record<
    string,
    { read_only: boolean; user: string; cap_drop: string[]; ports: string[]; networks: string[] }
  >;
  secrets: Record<string, { file: string }>;
}

const jobsOf = (deployment: Deployment) =>
  yamlOf<{ scrape_configs: Scrape[] }>(deployment, 'prometheus/prometheus.yml').scrape_configs;
const namesOf = (deployment: Deployment) => alertsOf(deployment).map(({ name }) => name);
/** Everything in one process, without servers. */
const alone = () => {
  const processes = [
    {
      name: 'nakku',
      port: 8080,
      services: ['gateway', 'user', 'order', 'cart'],
      replicas: 1,
      resources: { memoryMb: 1024, cpu: 1 },
    },
  ];
  return smallDeployment([], { name: 'small', processes, data: undefined });
};

describe('Prometheus', () => {
  it('scrapes every copy of every process by its name, with the token', () => {
    const [gateway] = jobsOf(smallDeployment());
    expect(gateway).toEqual({
      job_name: 'api-gateway',
      authorization: { credentials_file: '/run/secrets/metrics_token' },
      dns_sd_configs: [{ names: ['api-gateway'], type: 'A', port: 8080, refresh_interval: '15s' }],
    });
  });

  it('scrapes pods by their label where there are pods', () => {
    const [gateway] = jobsOf(growingDeployment());
    expect(gateway).toMatchObject({
      kubernetes_sd_configs: [{ selectors: [{ label: 'app.kubernetes.io/name=api-gateway' }] }],
    });
    expect(gateway).not.toHaveProperty('dns_sd_configs');
  });

  it('knows a twelfth service: where it is, and how many copies it should have', () => {
    const grown = smallDeployment([TWELFTH]);
    expect(jobsOf(grown).map(({ job_name }) => job_name)).toContain('loyalty-service');
    expect(jobsOf(smallDeployment()).map(({ job_name }) => job_name)).not.toContain('loyalty-service');
    expect(textOf(grown, 'prometheus/alerts.yml')).toContain('sum(up{job="loyalty-service"}) or vector(0)');
    expect(textOf(grown, 'prometheus/alerts.test.yml')).toContain('up{job="loyalty-service"');
    expect(textOf(grown, 'grafana/nakku.json')).toContain('"loyalty-service"');
  });
});

describe('the alerts', () => {
  it('are only about what the deployment has', () => {
    const split = namesOf(smallDeployment());
    expect(split).toEqual(expect.arrayContaining(['ConsumersBehind', 'ReplicaBehind', 'RedisAway', 'LastGateway']));
    const one = namesOf(alone());
    expect(split.filter((name) => !one.includes(name))).toEqual([
      'CopiesMissing',
      'LastGateway',
      'CopiesLeftAlone',
      'ConsumersBehind',
      'ReplicaBehind',
      'ReplicaLeftOut',
      'RedisAway',
    ]);
    expect(one).toEqual(expect.arrayContaining(['ServiceDown', 'NoOrderConfirmed', 'DeadLetters', 'OutboxWaits']));
  });

  it('each say how bad it is, what is wrong and what to do, and where to read on', () => {
    const { groups } = yamlOf<{ groups: { rules: Record<string, unknown>[] }[] }>(
      smallDeployment(),
      'prometheus/alerts.yml',
    );
    const alerts = groups[1]!.rules;
    expect(alerts.length).toBeGreaterThan(15);
    for (const rule of alerts)
      expect(rule).toEqual({
        alert: expect.any(String),
        expr: expect.any(String),
        for: expect.stringMatching(/^\d+[mh]$/),
        labels: { severity: expect.stringMatching(/^(critical|warning)$/) },
        annotations: {
          summary: expect.stringMatching(/^.{20,}$/),
          description: expect.stringMatching(/^.{30,}\.$/),
          runbook_url: `docs/operations/runbook.md#${String(rule.alert).toLowerCase()}`,
        },
      });
  });

  it('are each shown to fire and to be quiet by a test of promtool', () => {
    const { tests } = yamlOf<{ tests: { name: string; alert_rule_test: { exp_alerts: object[] }[] }[] }>(
      smallDeployment(),
      'prometheus/alerts.test.yml',
    );
    const told = tests.map(({ name, alert_rule_test: [one] }) => [name, one!.exp_alerts.length]);
    expect(told).toEqual(
      namesOf(smallDeployment()).flatMap((name) => [
        [`${name} fires`, 1],
        [`${name} is quiet`, 0],
      ]),
    );
    expect(textOf(smallDeployment(), 'prometheus/alerts.test.yml')).not.toContain('{{');
  });
});

describe('the dashboard', () => {
  const { panels } = JSON.parse(textOf(smallDeployment(), 'grafana/nakku.json')) as Grid;

  it('has a row for each thing that operators look after', () => {
    const rows = panels.filter(({ type }) => type === 'row').map(({ title }) => title);
    expect(rows).toEqual(['Orders', 'Gateway', 'Services', 'Events', 'Databases', 'Caches', 'Process']);
  });

  it('has no two panels with one id or in one place', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});

describe('the containers of monitoring', () => {
  const compose = (deployment: Deployment) => yamlOf<Compose>(deployment, 'docker-compose.monitoring.yml');

  it('can write nowhere, are not root, and can be reached from their machine only', () => {
    const services = Object.values(compose(smallDeployment()).services);
    expect(services).toHaveLength(3);
    for (const service of services) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
      expect(service.user).not.toMatch(/^0|root/);
      expect(service.ports.every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
    }
  });

  it('have no secret in the file, and only Prometheus is where the processes are', () => {
    const { services, secrets } = compose(smallDeployment());
    expect(Object.keys(secrets)).toEqual(['alert_webhook_url', 'grafana_admin_password', 'metrics_token']);
    expect(services.prometheus!.networks).toEqual(['app', 'monitoring']);
    expect(services.grafana!.networks).toEqual(['monitoring']);
    expect(compose(alone()).services.prometheus!.networks).toEqual(['edge', 'monitoring']);
  });

  it('are left to the cluster on Kubernetes', () => {
    const paths = renderMonitoring(growingDeployment()).map(({ path }) => path);
    expect(paths.filter((path) => path.includes('compose'))).toEqual([]);
    expect(paths).toContain('rendered/kubernetes/prometheus/alerts.yml');
  });
});
