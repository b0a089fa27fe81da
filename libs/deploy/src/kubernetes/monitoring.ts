import { stringify } from 'yaml';
import type { Deployment } from '../deployment.js';
import type { Manifest } from './manifest.js';
import { componentOf, labelsOf, metadata, secretOf } from './names.js';
import { given, value } from './param.js';
import { ORDERS_METRIC } from './scaling.js';

const ENABLED = given(
  value('serviceMonitor.enabled', false, 'Needs the Prometheus operator. Without it: the annotations of the pods.'),
);

/** Tells the Prometheus operator where metrics are, and with which token they are read. */
export const serviceMonitors = ({ processes }: Deployment): Manifest[] =>
  processes.map((process) => ({
    when: ENABLED,
    object: {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'ServiceMonitor',
      metadata: metadata(process.app, 'network'),
      spec: {
        selector: {
          matchLabels: labelsOf(process.app, componentOf(process)),
        },
        endpoints: [
          {
            port: 'http',
            path: '/metrics',
            interval: '15s',
            authorization: { credentials: { name: secretOf(process.app), key: 'metrics_token' } },
          },
        ],
      },
    },
  }));

/** Values for the chart prometheus-adapter: how the metric that orders are scaled by is made of the one that the order service has. */
export const adapterValues = (): string =>
  stringify(
    {
      rules: {
        default: false,
        custom: [
          {
            seriesQuery: 'nakku_order_confirm_seconds_count{namespace!="",pod!=""}',
            resources: { overrides: { namespace: { resource: 'namespace' }, pod: { resource: 'pod' } } },
            name: { as: ORDERS_METRIC },
            metricsQuery: '60 * sum by (<<.GroupBy>>) (rate(<<.Series>>{<<.LabelMatchers>>}[2m]))',
          },
        ],
      },
    },
    { lineWidth: 0 },
  );
