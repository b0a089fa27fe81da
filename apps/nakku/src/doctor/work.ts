import { type Finding, fail, graded, ok, skip, warn } from './finding.js';
import type { Figure } from './figures.js';
import type { Check, Patient } from './patient.js';
import { SHOW_METRICS } from './services.js';

const OUTBOX_S = { warn: 30, fail: 300 };
/** The saga cancels a pending order after five minutes. */
const PENDING_S = { warn: 420, fail: 600 };

/** A figure of all copies: the highest of each series, since copies of a service share a database. */
async function highest(patient: Patient, name: string, label: string): Promise<Map<string, number>> {
  const all = (await patient.copies()).flatMap(({ figures }): readonly Figure[] => figures?.get(name) ?? []);
  const found = new Map<string, number>();
  for (const { labels, value } of all) {
    const key = labels[label] ?? '';
    found.set(key, Math.max(found.get(key) ?? -Infinity, value));
  }
  return found;
}

/** A process that has just begun does not show all its figures yet. */
async function unknown(patient: Patient, name: string): Promise<Finding[]> {
  const shown = (await patient.copies()).some(({ figures }) => figures);
  return [
    shown
      ? skip(name, 'no process tells yet', 'look again in some seconds')
      : skip(name, 'no process shows its metrics', SHOW_METRICS),
  ];
}

/** Whether events wait for their sending. */
export const outboxes: Check = {
  name: 'outboxes',
  look: async (patient) => {
    const lags = await highest(patient, 'nakku_outbox_lag_seconds', 'domain');
    const pending = await highest(patient, 'nakku_outbox_pending', 'domain');
    if (lags.size === 0) return unknown(patient, 'outboxes');
    const advice = 'see whether the brokers answer, and the log of the service: nothing is lost, it is only late';
    const findings = [...lags].map(([domain, seconds]) =>
      graded(
        `outbox of ${domain}`,
        seconds,
        OUTBOX_S,
        `${pending.get(domain) ?? 0} events, the oldest ${Math.round(seconds)} s old`,
        advice,
      ),
    );
    return summed('outboxes', findings, 'nothing waits for long');
  },
};

/** Whether events were put aside. */
export const deadLetters: Check = {
  name: 'dead letters',
  look: async (patient) => {
    const counts = await highest(patient, 'nakku_dead_letters', 'domain');
    if (counts.size === 0) return unknown(patient, 'dead letters');
    const findings = [...counts].map(([domain, count]) =>
      count > 0
        ? warn(
            `dead letters of ${domain}`,
            `${count}`,
            'nakku dead-letters list says why; mend that, then nakku dead-letters replay',
          )
        : ok(`dead letters of ${domain}`, 'none'),
    );
    return summed('dead letters', findings, 'none');
  },
};

/** Whether orders hang. */
export const orders: Check = {
  name: 'orders',
  look: async (patient) => {
    const oldest = (await highest(patient, 'nakku_saga_oldest_seconds', 'status')).get('pending');
    if (oldest === undefined) return unknown(patient, 'orders');
    const found = oldest > 0 ? `the oldest pending order is ${Math.round(oldest)} s old` : 'none is pending';
    return [
      graded(
        'orders',
        oldest,
        PENDING_S,
        found,
        'see the log of the order service: its timer should have cancelled it',
      ),
    ];
  },
};

/** Whether a process comes near its memory limit. */
export const memory: Check = {
  name: 'memory',
  look: async (patient) =>
    (await patient.copies()).flatMap(({ process, at, figures }) => {
      const used = figures?.get('process_resident_memory_bytes')?.[0]?.value;
      const limit = figures?.get('nakku_memory_limit_bytes')?.[0]?.value;
      if (!used || !limit) return [];
      const share = Math.round((used / limit) * 100);
      const name = `memory of ${process.app} at ${at}`;
      const found = `${share} % of ${Math.round(limit / 1024 ** 2)} MiB`;
      return [share > 90 ? fail(name, found, 'more memoryMb in the topology, or more copies') : ok(name, found)];
    }),
};

/** Of many that are well one line is enough. */
const summed = (name: string, findings: readonly Finding[], well: string): Finding[] => {
  const bad = findings.filter(({ status }) => status !== 'ok');
  return bad.length > 0 ? bad : [ok(name, well)];
};
