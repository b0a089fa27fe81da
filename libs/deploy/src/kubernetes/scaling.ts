import type { Process } from '../deployment.js';
import type { Manifest, Node } from './manifest.js';
import { camel, type Component, componentOf, metadata, podsOf } from './names.js';
import { both, given, not, value } from './param.js';

export const AUTOSCALING = given(
  value('autoscaling.enabled', true, 'false: as many copies as processes.<name>.replicas says.'),
);

/** What an adapter makes of how many orders a pod of the order service has confirmed. */
export const ORDERS_METRIC = 'nakku_orders_confirmed_per_minute';

const BY_ORDERS = given(
  value(
    'autoscaling.ordersPerMinute',
    true,
    'Needs an adapter that serves custom metrics; without one, false: an autoscaler that misses a metric never scales down.',
  ),
);

/** Between how many copies a process may have; by orders too, where the topology says so. */
export function scalers(process: Process): Manifest[] {
  const { app, autoscale } = process;
  if (!autoscale) return [];
  const cpu = {
    type: 'Resource',
    resource: {
      name: 'cpu',
      target: {
        type: 'Utilization',
        averageUtilization: value(`processes.${camel(app)}.cpuPercent`, autoscale.cpu, undefined, {
          minimum: 1,
          maximum: 100,
        }),
      },
    },
  };
  if (autoscale.ordersPerMinute === undefined) return [{ object: scaler(process, [cpu]), when: AUTOSCALING }];
  const orders = {
    type: 'Pods',
    pods: {
      metric: { name: ORDERS_METRIC },
      target: {
        type: 'AverageValue',
        averageValue: value(`processes.${camel(app)}.ordersPerMinute`, String(autoscale.ordersPerMinute)),
      },
    },
  };
  return [
    { object: scaler(process, [cpu, orders]), when: both(AUTOSCALING, BY_ORDERS) },
    { object: scaler(process, [cpu]), when: both(AUTOSCALING, not(BY_ORDERS)) },
  ];
}

function scaler(process: Process, metrics: Node[]) {
  const { app, autoscale } = process;
  const ofProcess = (key: string, preset: number) =>
    value(`processes.${camel(app)}.${key}`, preset, undefined, { minimum: 1 });
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metadata(app, componentOf(process)),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: app },
      minReplicas: ofProcess('minReplicas', autoscale?.min ?? 1),
      maxReplicas: ofProcess('maxReplicas', autoscale?.max ?? 1),
      metrics,
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 0,
          selectPolicy: 'Max',
          policies: [
            { type: 'Percent', value: 100, periodSeconds: 30 },
            { type: 'Pods', value: 2, periodSeconds: 30 },
          ],
        },
        // A consumer that goes makes its group share out its partitions anew: not after every peak.
        scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
      },
    },
  };
}

/** How many pods may be taken away at once on purpose; those that are not ready anyway never hold up a drain. */
export const budget = (
  app: string,
  component: Component,
  allowed: { minAvailable: number } | { maxUnavailable: number },
  when?: Manifest['when'],
): Manifest => ({
  object: {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(app, component),
    spec: { ...allowed, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels: podsOf(app) } },
  },
  when,
});
