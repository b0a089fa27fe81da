import { type Deployment, growing, type Process } from '../deployment.js';
import { secretFile } from '../compose/service.js';

const TOKEN = secretFile('metrics_token');

/** prometheus.yml: a job for each process, whose copies are found by its name. */
export const prometheusOf = (deployment: Deployment) => ({
  global: { scrape_interval: '15s', scrape_timeout: '10s', evaluation_interval: '15s' },
  rule_files: ['alerts.yml'],
  alerting: { alertmanagers: [{ static_configs: [{ targets: ['alertmanager:9093'] }] }] },
  scrape_configs: [
    ...deployment.processes.map((process) => ({
      job_name: process.app,
      authorization: { credentials_file: TOKEN },
      ...(growing(deployment) ? podsOf(process) : copiesOf(process)),
    })),
    { job_name: 'prometheus', static_configs: [{ targets: ['127.0.0.1:9090'] }] },
  ],
});

/** The host name has the address of each copy, however many there are. */
const copiesOf = ({ app, port }: Process) => ({
  dns_sd_configs: [{ names: [app], type: 'A', port, refresh_interval: '15s' }],
});

/** By the label that the pods of a process have. */
const podsOf = ({ app, port }: Process) => ({
  kubernetes_sd_configs: [
    {
      role: 'pod',
      namespaces: { names: ['nakku'] },
      selectors: [{ role: 'pod', label: `app.kubernetes.io/name=${app}` }],
    },
  ],
  relabel_configs: [
    { source_labels: ['__meta_kubernetes_pod_phase'], regex: 'Running', action: 'keep' },
    { source_labels: ['__meta_kubernetes_pod_container_port_number'], regex: String(port), action: 'keep' },
    { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
    { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
  ],
});

/** alertmanager.yml: whoever is told, is told by a webhook whose URL is a secret of the operator's. */
export const alertmanagerOf = () => ({
  route: {
    receiver: 'operators',
    group_by: ['alertname', 'job', 'domain'],
    group_wait: '30s',
    group_interval: '5m',
    repeat_interval: '12h',
    routes: [{ matchers: ['severity="critical"'], receiver: 'operators', group_wait: '10s', repeat_interval: '1h' }],
  },
  receivers: [
    {
      name: 'operators',
      webhook_configs: [{ url_file: secretFile('alert_webhook_url'), send_resolved: true }],
    },
  ],
  // Of what follows from a process that is gone only its absence is told.
  inhibit_rules: [
    {
      source_matchers: ['alertname="ServiceDown"'],
      target_matchers: ['alertname=~"CopiesMissing|ManyErrors|SlowAnswers|RestartsAgainAndAgain"'],
      equal: ['job'],
    },
  ],
});
