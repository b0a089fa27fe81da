import type { Deployment } from '../deployment.js';
import { type Alert, runbookOf, type Series } from './alert.js';
import { dataAlerts } from './alerts.data.js';
import { orderAlerts } from './alerts.orders.js';
import { serviceAlerts } from './alerts.service.js';
import { recordingsOf } from './rules.js';

const RECORDINGS = 'nakku-figures';
const ALERTS = 'nakku-alerts';

/** Every alert that makes sense for a deployment: without replicas nobody is told of their lag. */
export const alertsOf = (deployment: Deployment): Alert[] => [
  ...orderAlerts(deployment),
  ...serviceAlerts(deployment),
  ...dataAlerts(deployment),
];

/** alerts.yml of Prometheus. */
export const rulesOf = (deployment: Deployment) => ({
  groups: [
    { name: RECORDINGS, interval: '15s', rules: recordingsOf(deployment) },
    {
      name: ALERTS,
      rules: alertsOf(deployment).map((alert) => ({
        alert: alert.name,
        expr: alert.expr,
        for: alert.for,
        labels: { severity: alert.severity },
        annotations: annotationsOf(alert),
      })),
    },
  ],
});

/** alerts.test.yml of promtool: each alert fires where it should, and only there. */
export const ruleTestsOf = (deployment: Deployment) => ({
  rule_files: ['alerts.yml'],
  evaluation_interval: '1m',
  group_eval_order: [RECORDINGS, ALERTS],
  tests: alertsOf(deployment).flatMap((alert) => [
    testOf(alert, 'fires', alert.proof.fires, [expected(alert)]),
    testOf(alert, 'is quiet', alert.proof.quiet, []),
  ]),
});

const testOf = ({ name, proof }: Alert, what: string, series: readonly Series[], alerts: object[]) => ({
  name: `${name} ${what}`,
  interval: '1m',
  input_series: series.map(([of, values]) => ({ series: of, values })),
  alert_rule_test: [{ eval_time: proof.at ?? '30m', alertname: name, exp_alerts: alerts }],
});

const expected = (alert: Alert) => ({
  exp_labels: { severity: alert.severity, ...alert.proof.labels },
  exp_annotations: Object.fromEntries(
    Object.entries(annotationsOf(alert)).map(([name, text]) => [name, filled(text, alert.proof.labels)]),
  ),
});

const annotationsOf = (alert: Alert) => ({
  summary: alert.summary,
  description: alert.description,
  runbook_url: runbookOf(alert),
});

/** What Prometheus makes of `{{ $labels.job }}`. */
const filled = (text: string, labels: Record<string, string>): string =>
  text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) => labels[name] ?? '');
