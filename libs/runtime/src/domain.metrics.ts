import type { Database } from '@nakku/database';
import type { Metrics } from '@nakku/observability';
import { DeadLetter, type Relay } from '@nakku/transport';

/** Tells on /metrics how a domain's outbox, dead letters, store and replicas are; looked up at each scrape. */
export function measureDomain(metrics: Metrics, database: Database, relay: Relay): void {
  const domain = database.name;
  const set = (name: string, help: string, value: number) =>
    metrics.gauge(name, help, ['domain']).set({ domain }, value);
  metrics.beforeRender(async () => {
    measureStore(database, set);
    measureReplicas(metrics, database);
    const { pending, oldestSeconds } = await relay.backlog();
    set('nakku_outbox_pending', 'Events that wait in the outbox', pending);
    set('nakku_outbox_lag_seconds', 'Age of the oldest event in the outbox', oldestSeconds);
    const dead = await database.manager.count(DeadLetter);
    set('nakku_dead_letters', 'Events that could not be handled and wait for somebody to look at them', dead);
  });
}

function measureStore(database: Database, set: (name: string, help: string, value: number) => void): void {
  const { transactions, commits, longestBodyMs, queued } = database.stats();
  set('nakku_store_transactions', 'Transactions since the start', transactions);
  set('nakku_store_commits', 'Commits (each one fsync in the embedded store) since the start', commits);
  set('nakku_store_longest_body_seconds', 'Longest transaction body since the start', longestBodyMs / 1000);
  set('nakku_store_queued', 'Transactions that wait for their turn, or for a connection', queued);
}

/** The lag of one that does not answer is not known, which is NaN to Prometheus. */
function measureReplicas(metrics: Metrics, database: Database): void {
  for (const { address: replica, used, lagMs = NaN } of database.replicaStates()) {
    const set = (name: string, help: string, value: number) =>
      metrics.gauge(name, help, ['domain', 'replica']).set({ domain: database.name, replica }, value);
    set('nakku_replica_lag_seconds', 'How far a replica is behind its primary, at most', lagMs / 1000);
    set('nakku_replica_used', 'Whether reads go to a replica (1) or it was left out (0)', Number(used));
  }
}
