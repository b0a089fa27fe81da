import type { Copy } from './copies.js';
import { fail, type Finding, graded, ok, skip, warn } from './finding.js';
import type { Check, Patient } from './patient.js';

const nameOf = ({ process, at }: Copy): string => `${process.app} at ${at}`;

/** Whether every process answers, is well, and has as many copies as it should. */
export const services: Check = {
  name: 'services',
  look: async (patient) => {
    const copies = await patient.copies();
    return [
      ...copies.map(healthOf),
      ...patient.deployment.processes.flatMap((process) => countOf(patient, process.app, copies)),
    ];
  },
};

function healthOf(copy: Copy): Finding {
  const name = nameOf(copy);
  if (copy.error !== undefined)
    return fail(name, `does not answer: ${copy.error}`, 'start it; its log says in one line what it lacks');
  const told = Object.entries(copy.health ?? {}).filter(([, { status }]) => status !== 'up');
  const listed = told
    .map(([part, { status, message }]) => `${part} is ${status}${message ? ` (${message})` : ''}`)
    .join(', ');
  if (told.some(([, { status }]) => status === 'down'))
    return fail(name, listed, 'bring back what is down; it serves again by itself');
  if (told.length > 0) return warn(name, listed, 'it works without, but not as well: bring that back');
  return ok(name, 'is well');
}

/** The copies behind a balancer cannot be told apart. */
function countOf({ deployment, url }: Patient, app: string, copies: readonly Copy[]): Finding[] {
  const process = deployment.processes.find((one) => one.app === app);
  const found = copies.filter((copy) => copy.process.app === app);
  if (!process || process === deployment.gateway || process.replicas < 2) return [];
  if (found.every(({ at }) => at === url.host)) return [];
  if (found.length >= process.replicas) return [ok(`copies of ${app}`, `${found.length}`)];
  const advice = `start the others, or lower replicas in deploy/topologies/${deployment.name}.yaml`;
  return [warn(`copies of ${app}`, `${found.length} of the ${process.replicas} that the topology has`, advice)];
}

/** Whether all run one version. */
export const versions: Check = {
  name: 'versions',
  look: async (patient) => {
    const told = (await patient.copies()).flatMap((copy) =>
      (copy.figures?.get('nakku_build_info') ?? []).map(({ labels }) => `${labels.version}`),
    );
    const distinct = [...new Set(told)].sort();
    if (distinct.length === 0) return [skip('versions', 'nobody says which version it is', SHOW_METRICS)];
    if (distinct.length === 1) return [ok('versions', `${distinct[0]} everywhere`)];
    return [warn('versions', distinct.join(' and '), 'an upgrade has stopped half-way: finish it, or go back')];
  },
};

export const SHOW_METRICS =
  'set METRICS_TOKEN (or METRICS_TOKEN_FILE) to that of the services, and run this where they can be reached';

const SKEW = { warn: 2000, fail: 10_000 };
const SYNCHRONIZE =
  'let NTP (chrony, systemd-timesyncd) set the clocks of both machines: tokens and timeouts go wrong otherwise';

/** Whether clocks agree with this machine's. */
export const clocks: Check = {
  name: 'clocks',
  look: async (patient) =>
    (await patient.copies()).flatMap((copy) =>
      copy.clockAheadMs === undefined ? [] : [clock(`clock of ${nameOf(copy)}`, copy.clockAheadMs)],
    ),
};

export const clock = (name: string, aheadMs: number): Finding => {
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const found = seconds < 2 ? 'agrees with this one' : `is ${seconds} s ${aheadMs > 0 ? 'ahead' : 'behind'}`;
  return graded(name, Math.abs(aheadMs), SKEW, found, SYNCHRONIZE);
};
