import type { Deployment } from '../deployment.js';
import { type Alert, steady } from './alert.js';
import { jobOf } from './rules.js';

/** How events travel, and how the stores are. */
export const dataAlerts = (deployment: Deployment): Alert[] => [
  outbox(deployment),
  deadLetters(deployment),
  storeBusy(deployment),
  ...(deployment.brokers.length > 0 ? [consumersBehind(deployment)] : []),
  ...(deployment.databases.some(({ replicas }) => replicas.length > 0)
    ? [behind(deployment), leftOut(deployment)]
    : []),
  ...(deployment.caches.length > 0 ? [redis(deployment)] : []),
];

const outbox = (deployment: Deployment): Alert => ({
  name: 'OutboxWaits',
  expr: 'max by (domain) (nakku_outbox_lag_seconds) > 30',
  for: '2m',
  severity: 'critical',
  summary: 'Events of {{ $labels.domain }} have been waiting in its outbox for more than 30 s',
  description: 'Nothing is lost, but what follows from them does not happen. See whether the brokers answer.',
  proof: of(deployment, 'nakku_outbox_lag_seconds', 90, 1),
});

const consumersBehind = (deployment: Deployment): Alert => {
  const { labels, fires, quiet } = of(deployment, 'nakku_consumer_lag', 5000, 20, ',topic="user-events"');
  return {
    name: 'ConsumersBehind',
    expr: 'sum by (domain) (max by (domain, topic) (nakku_consumer_lag)) > 1000',
    for: '5m',
    severity: 'warning',
    summary: '{{ $labels.domain }} has more than 1,000 events to catch up with',
    description:
      'If it shrinks, wait. If not: more copies of the listener (up to the number of partitions), or see what it waits for.',
    proof: { labels, fires, quiet },
  };
};

const deadLetters = (deployment: Deployment): Alert => ({
  name: 'DeadLetters',
  expr: 'max by (domain) (nakku_dead_letters) > 0',
  for: '0m',
  severity: 'warning',
  summary: '{{ $labels.domain }} has put events aside that it could not handle',
  description: 'nakku dead-letters list says which and why. Mend the cause, then nakku dead-letters replay.',
  proof: of(deployment, 'nakku_dead_letters', 2, 0),
});

const storeBusy = (deployment: Deployment): Alert => ({
  name: 'StoreBusy',
  expr: 'max by (domain) (nakku_store_queued) > 50',
  for: '2m',
  severity: 'warning',
  summary: 'More than 50 transactions wait for the store of {{ $labels.domain }}',
  description: 'The database is too slow for its load: look for slow transactions in the log, at its disk and its CPU.',
  proof: of(deployment, 'nakku_store_queued', 80, 2),
});

const behind = (deployment: Deployment): Alert => ({
  name: 'ReplicaBehind',
  expr: 'max by (replica) (nakku_replica_lag_seconds) > 10',
  for: '5m',
  severity: 'warning',
  summary: 'The replica {{ $labels.replica }} is more than 10 s behind its primary',
  description:
    'Reads go to the others. SHOW REPLICA STATUS on it says whether it applies changes, and what stopped it.',
  proof: ofReplica(deployment, 'nakku_replica_lag_seconds', 60, 0),
});

const leftOut = (deployment: Deployment): Alert => ({
  name: 'ReplicaLeftOut',
  expr: 'max by (replica) (nakku_replica_used) == 0',
  for: '2m',
  severity: 'warning',
  summary: 'No service reads from the replica {{ $labels.replica }}',
  description: 'It does not answer or is behind; the primary carries its reads. Start it again, or let it catch up.',
  proof: ofReplica(deployment, 'nakku_replica_used', 0, 1),
});

const redis = (deployment: Deployment): Alert => {
  const job = jobOf(deployment, 'order');
  return {
    name: 'RedisAway',
    expr: 'min by (job) (redis_up) == 0',
    for: '2m',
    severity: 'warning',
    summary: '{{ $labels.job }} does not reach Redis',
    description: 'Nothing fails: each process has its own cache and limits meanwhile. Start Redis again.',
    proof: {
      labels: { job },
      fires: [[`redis_up{job="${job}",instance="a"}`, steady(0)]],
      quiet: [[`redis_up{job="${job}",instance="a"}`, steady(1)]],
    },
  };
};

/** A gauge that the order service shows for its domain. */
function of(deployment: Deployment, metric: string, bad: number, good: number, more = ''): Alert['proof'] {
  const series = `${metric}{domain="order"${more},job="${jobOf(deployment, 'order')}",instance="a"}`;
  return { labels: { domain: 'order' }, fires: [[series, steady(bad)]], quiet: [[series, steady(good)]] };
}

function ofReplica(deployment: Deployment, metric: string, bad: number, good: number): Alert['proof'] {
  const replica = deployment.databases.flatMap(({ replicas }) => replicas)[0] ?? 'mysql-replica-1';
  const { fires, quiet } = of(deployment, metric, bad, good, `,replica="${replica}:3306"`);
  return { labels: { replica: `${replica}:3306` }, fires, quiet };
}
