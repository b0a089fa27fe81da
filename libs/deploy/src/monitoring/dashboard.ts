import type { Deployment } from '../deployment.js';
import { panelsOf, type Row } from './panel.js';
import { ASKED, gatewayJob } from './rules.js';

/** Grafana's dashboard of a deployment, as it imports it. */
export const dashboardOf = (deployment: Deployment) => ({
  uid: 'nakku',
  title: 'Nakku',
  tags: ['nakku'],
  schemaVersion: 41,
  version: 1,
  editable: true,
  graphTooltip: 1,
  timezone: 'browser',
  time: { from: 'now-3h', to: 'now' },
  refresh: '30s',
  annotations: { list: [] },
  links: [],
  templating: { list: [source, job(deployment)] },
  panels: panelsOf(rowsOf(deployment)),
});

const source = {
  name: 'datasource',
  label: 'Prometheus',
  type: 'datasource',
  query: 'prometheus',
  current: {},
  hide: 0,
};

const job = ({ processes }: Deployment) => ({
  name: 'job',
  label: 'Service',
  type: 'query',
  datasource: { type: 'prometheus', uid: '${datasource}' },
  query: { query: 'label_values(nakku:copies_wanted, job)', refId: 'jobs' },
  definition: 'label_values(nakku:copies_wanted, job)',
  includeAll: true,
  multi: true,
  refresh: 2,
  sort: 1,
  current: { text: ['All'], value: ['$__all'] },
  // What to show before Prometheus has been asked.
  options: processes.map(({ app }) => ({ text: app, value: app, selected: false })),
});

const rowsOf = (deployment: Deployment): Row[] => [
  { title: 'Orders', panels: ORDERS },
  { title: 'Gateway', panels: gateway(gatewayJob(deployment)) },
  { title: 'Services', panels: [...SERVICES, ...(deployment.processes.length > 1 ? [LEFT_ALONE] : [])] },
  { title: 'Events', panels: [...EVENTS, ...(deployment.brokers.length > 0 ? [LAG] : [])] },
  { title: 'Databases', panels: [...STORES, ...(hasReplicas(deployment) ? REPLICAS : [])] },
  { title: 'Caches', panels: [...CACHES, ...(deployment.caches.length > 0 ? [REDIS] : [])] },
  { title: 'Process', panels: PROCESS },
];

const hasReplicas = ({ databases }: Deployment): boolean => databases.some(({ replicas }) => replicas.length > 0);

const ORDERS: Row['panels'] = [
  {
    title: 'Orders an hour',
    lines: [
      ['4 * nakku:orders_placed:increase15m', 'placed'],
      ['4 * nakku:orders_confirmed:increase15m', 'confirmed'],
    ],
  },
  {
    title: 'From placed to confirmed',
    unit: 's',
    lines: [0.5, 0.95, 0.99].map(
      (q) =>
        [
          `histogram_quantile(${q}, sum by (le) (rate(nakku_order_confirm_seconds_bucket[5m])))`,
          `p${q * 100}`,
        ] as const,
    ),
  },
  { title: 'Orders under way', lines: [['max by (status) (nakku_saga_orders)', '{{status}}']] },
  { title: 'Oldest of each state', unit: 's', lines: [['max by (status) (nakku_saga_oldest_seconds)', '{{status}}']] },
  { title: 'Payments', lines: [['sum by (status) (rate(nakku_payments_total[5m])) * 3600', '{{status}} an hour']] },
  {
    title: 'Deliveries',
    lines: [['sum by (status) (rate(nakku_delivery_jobs_total[5m])) * 3600', '{{status}} an hour']],
  },
];

const gateway = (app: string): Row['panels'] => [
  {
    title: 'Answers a second',
    unit: 'reqps',
    lines: [[`sum by (status) (rate(http_requests_total{job="${app}",${ASKED}}[5m]))`, '{{status}}']],
  },
  { title: 'Errors', unit: 'percentunit', lines: [[`nakku:errors:ratio5m{job="${app}"}`, '5xx']] },
  {
    title: 'Time to answer',
    unit: 's',
    lines: [0.5, 0.95, 0.99].map(
      (q) =>
        [
          `histogram_quantile(${q}, sum by (le) (rate(http_request_duration_seconds_bucket{job="${app}",${ASKED}}[5m])))`,
          `p${q * 100}`,
        ] as const,
    ),
  },
];

const SERVICES: Row['panels'] = [
  {
    title: 'Copies',
    lines: [
      ['nakku:copies_up{job=~"$job"}', '{{job}}'],
      ['nakku:copies_wanted{job=~"$job"}', '{{job}} wanted'],
    ],
  },
  { title: 'Requests a second', unit: 'reqps', lines: [['nakku:requests:rate5m{job=~"$job"}', '{{job}}']] },
  { title: 'Errors', unit: 'percentunit', lines: [['nakku:errors:ratio5m{job=~"$job"}', '{{job}}']] },
  { title: 'Time to answer, p99', unit: 's', lines: [['nakku:latency:p99_5m{job=~"$job"}', '{{job}}']] },
  { title: 'Versions', lines: [['count by (version) (nakku_build_info)', '{{version}}']] },
];

const LEFT_ALONE = {
  title: 'Copies left alone',
  lines: [['max by (service) (nakku_upstream_copies - nakku_upstream_usable)', '{{service}}']],
} as const;

const EVENTS: Row['panels'] = [
  {
    title: 'Handled a second',
    lines: [['sum by (domain) (rate(nakku_events_total{result="handled"}[5m]))', '{{domain}}']],
  },
  { title: 'Tried again', lines: [['sum by (domain) (rate(nakku_events_total{result="retried"}[5m]))', '{{domain}}']] },
  {
    title: 'From publication to effect, p95',
    unit: 's',
    lines: [
      ['histogram_quantile(0.95, sum by (domain, le) (rate(nakku_event_delay_seconds_bucket[5m])))', '{{domain}}'],
    ],
  },
  { title: 'Waiting in outboxes', lines: [['max by (domain) (nakku_outbox_pending)', '{{domain}}']] },
  { title: 'Oldest in outboxes', unit: 's', lines: [['max by (domain) (nakku_outbox_lag_seconds)', '{{domain}}']] },
  { title: 'Dead letters', lines: [['max by (domain) (nakku_dead_letters)', '{{domain}}']] },
];

const LAG = {
  title: 'Events not handled yet, by Kafka',
  lines: [['max by (domain, topic) (nakku_consumer_lag)', '{{domain}} of {{topic}}']],
} as const;

const STORES: Row['panels'] = [
  {
    title: 'Transactions a second',
    lines: [['sum by (domain) (rate(nakku_store_transactions[5m]))', '{{domain}}']],
  },
  { title: 'Commits a second', lines: [['sum by (domain) (rate(nakku_store_commits[5m]))', '{{domain}}']] },
  { title: 'Waiting transactions', lines: [['max by (domain) (nakku_store_queued)', '{{domain}}']] },
];

const REPLICAS: Row['panels'] = [
  { title: 'Replica lag', unit: 's', lines: [['max by (replica) (nakku_replica_lag_seconds)', '{{replica}}']] },
  { title: 'Replicas in use', lines: [['max by (replica) (nakku_replica_used)', '{{replica}}']] },
];

const CACHES: Row['panels'] = [
  {
    title: 'Found in the cache',
    unit: 'percentunit',
    lines: [
      [
        'sum by (job) (rate(cache_hits_total[5m])) / (sum by (job) (rate(cache_hits_total[5m])) + sum by (job) (rate(cache_misses_total[5m])))',
        '{{job}}',
      ],
    ],
  },
  { title: 'Found in Redis, not in memory', lines: [['sum by (job) (rate(cache_redis_hits_total[5m]))', '{{job}}']] },
];

const REDIS = { title: 'Redis answers', lines: [['min by (job) (redis_up)', '{{job}}']] } as const;

const PROCESS: Row['panels'] = [
  {
    title: 'CPU, in cores',
    lines: [['rate(process_cpu_seconds_total{job=~"$job"}[5m])', '{{job}} {{instance}}']],
  },
  {
    title: 'Memory of what it may have',
    unit: 'percentunit',
    lines: [
      ['process_resident_memory_bytes{job=~"$job"} / nakku_memory_limit_bytes{job=~"$job"}', '{{job}} {{instance}}'],
    ],
  },
  {
    title: 'Event loop lag, p99',
    unit: 's',
    lines: [['nodejs_eventloop_lag_p99_seconds{job=~"$job"}', '{{job}} {{instance}}']],
  },
];
