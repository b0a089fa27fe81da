import { stringify } from 'yaml';
import { type Artefact, artefact, headline, type Renderer } from '../artefact.js';
import { type Deployment, growing } from '../deployment.js';
import { stackFile } from '../stack.js';
import { ruleTestsOf, rulesOf } from './alerts.js';
import { monitoringStack, PROVISIONING } from './compose.js';
import { dashboardOf } from './dashboard.js';
import { alertmanagerOf, prometheusOf } from './prometheus.js';

/** What watches a deployment: Prometheus with its rules, Alertmanager, Grafana. On Kubernetes they are the cluster's own, and take the same files. */
export const renderMonitoring: Renderer = (deployment) => [
  yaml(deployment, 'prometheus/prometheus.yml', prometheusOf(deployment)),
  yaml(deployment, 'prometheus/alerts.yml', rulesOf(deployment)),
  yaml(deployment, 'prometheus/alerts.test.yml', ruleTestsOf(deployment)),
  yaml(deployment, 'alertmanager/alertmanager.yml', alertmanagerOf()),
  artefact(deployment, 'grafana/nakku.json', `${JSON.stringify(dashboardOf(deployment), undefined, 2)}\n`),
  ...(growing(deployment) ? [] : containers(deployment)),
];

const containers = (deployment: Deployment): Artefact[] => [
  artefact(deployment, 'docker-compose.monitoring.yml', stackFile(deployment, monitoringStack(deployment))),
  ...Object.entries(PROVISIONING).map(([path, content]) => yaml(deployment, `grafana/provisioning/${path}`, content)),
];

const yaml = (deployment: Deployment, path: string, content: object): Artefact =>
  artefact(
    deployment,
    path,
    `${headline(deployment)}\n\n${stringify(content, { lineWidth: 0, aliasDuplicateObjects: false })}`,
  );
