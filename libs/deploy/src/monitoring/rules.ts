import { GATEWAY } from '../catalogue.js';
import type { Deployment } from '../deployment.js';

/** A series that is worked out beforehand. */
export interface Recording {
  record: string;
  expr: string;
  labels?: Record<string, string>;
}

/** What people ask for, without the probes of balancers and Prometheus. */
export const ASKED = 'route!~"/health.*|/metrics"';

/** The job of the process that hosts a service. */
export const jobOf = ({ processes }: Deployment, service: string): string => {
  const found = processes.find(({ services }) => services.includes(service));
  if (!found) throw new Error(`nobody hosts ${service}`);
  return found.app;
};

/** How many copies of each process there should be and are, and the figures that alerts and dashboards share. */
export const recordingsOf = (deployment: Deployment): Recording[] => [
  ...deployment.processes.flatMap(({ app, replicas }) => [
    { record: 'nakku:copies_wanted', expr: constant(replicas), labels: { job: app } },
    // Without the zero a process of which nothing is left would have no series that an alert could see.
    { record: 'nakku:copies_up', expr: `sum(up{job="${app}"}) or ${constant(0)}`, labels: { job: app } },
  ]),
  { record: 'nakku:requests:rate5m', expr: `sum by (job) (rate(http_requests_total{${ASKED}}[5m]))` },
  {
    record: 'nakku:errors:ratio5m',
    expr: `sum by (job) (rate(http_requests_total{${ASKED},status=~"5.."}[5m])) / nakku:requests:rate5m`,
  },
  {
    record: 'nakku:latency:p99_5m',
    expr: `histogram_quantile(0.99, sum by (job, le) (rate(http_request_duration_seconds_bucket{${ASKED}}[5m])))`,
  },
  { record: 'nakku:orders_placed:increase15m', expr: `sum(increase(${placed(deployment)}[15m]))` },
  { record: 'nakku:orders_confirmed:increase15m', expr: 'sum(increase(nakku_order_confirm_seconds_count[15m]))' },
];

const constant = (value: number): string => `vector(${value})`;

/** Orders that were taken, as the order service counts them. */
export const placed = (deployment: Deployment): string =>
  `http_requests_total{job="${jobOf(deployment, 'order')}",method="POST",route="/api/v1/orders",status="201"}`;

/** The job that clients talk to. */
export const gatewayJob = (deployment: Deployment): string => jobOf(deployment, GATEWAY);
