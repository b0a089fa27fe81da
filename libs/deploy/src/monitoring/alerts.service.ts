import type { Deployment } from '../deployment.js';
import { type Alert, growing, steady } from './alert.js';
import { gatewayJob } from './rules.js';

/** Whether the processes are there, and how they answer. */
export const serviceAlerts = (deployment: Deployment): Alert[] => [
  down(deployment),
  ...(deployment.processes.some(({ replicas }) => replicas > 1) ? [fewer(deployment)] : []),
  ...(deployment.gateway.replicas > 1 ? [lastGateway(deployment)] : []),
  restarts(deployment),
  versions,
  errors(deployment),
  slow(deployment),
  eventLoop(deployment),
  memory(deployment),
  ...(deployment.processes.length > 1 ? [leftAlone] : []),
];

const down = ({ processes }: Deployment): Alert => {
  const { app } = processes.at(-1)!;
  const up = (count: number) => processes.flatMap((process) => copies(process.app, process.app === app ? count : 1));
  return {
    name: 'ServiceDown',
    expr: 'nakku:copies_up == 0',
    for: '1m',
    severity: 'critical',
    summary: 'No copy of {{ $labels.job }} answers',
    description: 'Look whether its containers run and what the last lines of their logs say; start it again.',
    proof: { labels: { job: app }, fires: up(0), quiet: up(1), at: '5m' },
  };
};

const fewer = ({ processes }: Deployment): Alert => {
  const { app, replicas } = processes.find((process) => process.replicas > 1)!;
  return {
    name: 'CopiesMissing',
    expr: 'nakku:copies_up < nakku:copies_wanted and nakku:copies_up > 0',
    for: '5m',
    severity: 'warning',
    summary: 'Fewer copies of {{ $labels.job }} answer than the topology has',
    description: 'The others carry its load meanwhile. Look why the missing one does not start or cannot be scraped.',
    proof: { labels: { job: app }, fires: copies(app, replicas - 1), quiet: copies(app, replicas) },
  };
};

const lastGateway = ({ gateway }: Deployment): Alert => ({
  name: 'LastGateway',
  expr: `nakku:copies_up{job="${gateway.app}"} == 1`,
  for: '2m',
  severity: 'critical',
  summary: 'One gateway is left: when it goes, the shop is closed',
  description: 'Start the others again, or some on another server, before anything else.',
  proof: { labels: { job: gateway.app }, fires: copies(gateway.app, 1), quiet: copies(gateway.app, 2) },
});

const restarts = ({ gateway: { app } }: Deployment): Alert => ({
  name: 'RestartsAgainAndAgain',
  expr: 'sum by (job) (changes(process_start_time_seconds[15m])) > 2',
  for: '0m',
  severity: 'warning',
  summary: '{{ $labels.job }} was started again and again within a quarter of an hour',
  description: 'Exit code 137 is the memory limit; otherwise the last lines before each end say why.',
  proof: {
    labels: { job: app },
    fires: [[`process_start_time_seconds{job="${app}",instance="a"}`, '100 100 200 200 300 300 400 400 500x30']],
    quiet: [[`process_start_time_seconds{job="${app}",instance="a"}`, '100 100 200x30']],
    at: '10m',
  },
});

const versions: Alert = {
  name: 'VersionsDiffer',
  expr: 'count(count by (version) (nakku_build_info)) > 1',
  for: '1h',
  severity: 'warning',
  summary: 'Several versions of Nakku have been running for an hour',
  description: 'An upgrade has stopped half-way: finish it, or go back.',
  proof: {
    labels: {},
    fires: [
      ['nakku_build_info{service="order",version="1.0.0"}', '1x120'],
      ['nakku_build_info{service="cart",version="1.1.0"}', '1x120'],
    ],
    quiet: [
      ['nakku_build_info{service="order",version="1.1.0"}', '1x120'],
      ['nakku_build_info{service="cart",version="1.1.0"}', '1x120'],
    ],
    at: '90m',
  },
};

const errors = (deployment: Deployment): Alert => {
  const job = gatewayJob(deployment);
  return {
    name: 'ManyErrors',
    expr: 'nakku:errors:ratio5m > 0.02 and nakku:requests:rate5m > 0.1',
    for: '5m',
    severity: 'critical',
    summary: 'More than 2 % of the answers of {{ $labels.job }} are errors of the server',
    description:
      'The warnings in its log name the route; /health names what it misses. Go back if it began with an upgrade.',
    proof: { labels: { job }, fires: answers(job, 10), quiet: answers(job, 1) },
  };
};

const answers = (job: string, failing: number) =>
  [
    [requests(job, '200'), growing(100)],
    [requests(job, '503'), growing(failing)],
    // A balancer that asks a draining gateway for its health is no customer.
    [`http_requests_total{job="${job}",instance="a",method="GET",route="/health/ready",status="503"}`, growing(600)],
  ] as const;

const requests = (job: string, status: string): string =>
  `http_requests_total{job="${job}",instance="a",method="GET",route="/api/v1/products",status="${status}"}`;

const slow = (deployment: Deployment): Alert => {
  const job = gatewayJob(deployment);
  const bucket = (le: string) =>
    `http_request_duration_seconds_bucket{job="${job}",instance="a",method="GET",route="/api/v1/products",status="200",le="${le}"}`;
  return {
    name: 'SlowAnswers',
    expr: `nakku:latency:p99_5m{job="${job}"} > 1`,
    for: '10m',
    severity: 'warning',
    summary: 'One in a hundred requests takes longer than a second',
    description: 'The dashboard shows which service is slow: a busy database, a busy event loop, or too few copies.',
    proof: {
      labels: { job },
      fires: [
        [bucket('1'), growing(90)],
        [bucket('2.5'), growing(100)],
        [bucket('+Inf'), growing(100)],
      ],
      quiet: [
        [bucket('1'), growing(100)],
        [bucket('2.5'), growing(100)],
        [bucket('+Inf'), growing(100)],
      ],
    },
  };
};

const eventLoop = ({ gateway: { app } }: Deployment): Alert => ({
  name: 'EventLoopBusy',
  expr: 'nodejs_eventloop_lag_p99_seconds > 0.25',
  for: '5m',
  severity: 'warning',
  summary: 'A copy of {{ $labels.job }} ({{ $labels.instance }}) has no time for its requests',
  description: 'It has too little CPU for its load: more copies, or more CPU in the topology.',
  proof: {
    labels: { job: app, instance: 'a' },
    fires: [[`nodejs_eventloop_lag_p99_seconds{job="${app}",instance="a"}`, steady(0.4)]],
    quiet: [[`nodejs_eventloop_lag_p99_seconds{job="${app}",instance="a"}`, steady(0.02)]],
  },
});

const memory = ({ gateway: { app } }: Deployment): Alert => {
  const used = (mb: number) =>
    [
      [`process_resident_memory_bytes{job="${app}",instance="a"}`, steady(mb * 1024 * 1024)],
      [`nakku_memory_limit_bytes{job="${app}",instance="a"}`, steady(512 * 1024 * 1024)],
    ] as const;
  return {
    name: 'MemoryNearLimit',
    expr: 'process_resident_memory_bytes / nakku_memory_limit_bytes > 0.9',
    for: '5m',
    severity: 'warning',
    summary: 'A copy of {{ $labels.job }} ({{ $labels.instance }}) is near its memory limit and will be killed at it',
    description: 'More memory in the topology. If it grows without more load, restart it and report it.',
    proof: { labels: { job: app, instance: 'a' }, fires: used(480), quiet: used(200) },
  };
};

const leftAlone: Alert = {
  name: 'CopiesLeftAlone',
  expr: 'max by (service) (nakku_upstream_copies - nakku_upstream_usable) > 0',
  for: '5m',
  severity: 'warning',
  summary: 'Some copies of the {{ $labels.service }} service are not asked, because they fail',
  description: 'They run but do not answer their callers: look at their logs and at the network between them.',
  proof: {
    labels: { service: 'order' },
    fires: upstream(1),
    quiet: upstream(2),
  },
};

function upstream(usable: number) {
  const of = (name: string) => `${name}{service="order",job="api-gateway",instance="a"}`;
  return [
    [of('nakku_upstream_copies'), steady(2)],
    [of('nakku_upstream_usable'), steady(usable)],
  ] as const;
}

const copies = (app: string, count: number) =>
  Array.from({ length: count }, (_, i) => [`up{job="${app}",instance="${i}"}`, steady(1)] as const);
