import { ConfigError, type Domain, DOMAINS } from '@nakku/config';
import { inspectServer, pendingMigrations, type ReplicaFacts, serverOf } from '@nakku/database';
import { storeOf } from '@nakku/runtime';
import { fail, type Finding, graded, ok, reasonOf, skip, warn } from './finding.js';
import { type Check, type Patient, within } from './patient.js';
import { clock } from './services.js';

const LAG_MS = { warn: 2000, fail: 30_000 };

/** Whether each database answers, has all its tables, and its replicas follow. */
export const databases: Check = {
  name: 'databases',
  look: async (patient) => {
    const domains = hosted(patient);
    const findings = await Promise.all(domains.map((domain) => ofDomain(patient, domain)));
    const flat = findings.flat();
    return flat.length > 0 ? distinct(flat) : [skip('databases', 'embedded: each process migrates its own')];
  },
};

/** Those that a process of the deployment hosts. */
const hosted = ({ deployment }: Patient): Domain[] =>
  DOMAINS.filter((domain) => deployment.processes.some(({ domains }) => domains.includes(domain)));

async function ofDomain(patient: Patient, domain: Domain): Promise<Finding[]> {
  const name = `database of ${domain}`;
  try {
    const server = serverOf(patient.environment, domain);
    if (!server) return patient.deployment.databases.length > 0 ? [untold(name, domain)] : [];
    const asked = { ...server, startMs: 0 };
    const facts = await within(patient.timeoutMs * 2, inspectServer(asked));
    const pending = await within(
      patient.timeoutMs,
      pendingMigrations({ ...storeOf(domain, patient.environment), server: asked }),
    );
    const where = `${server.host}:${server.port}`;
    return [
      pending.length === 0
        ? ok(name, `answers on ${where} and has all migrations`)
        : fail(
            name,
            `lacks ${pending.length} migrations (${pending[0]} …)`,
            'run nakku migrate up, as the user who may change tables',
          ),
      clock(`clock of ${where}`, facts.clockAheadMs),
      ...facts.replicas.flatMap((replica) => ofReplica(`replica ${replica.address}`, replica)),
    ];
  } catch (error) {
    return [refused(name, error)];
  }
}

function ofReplica(name: string, { error, lagMs, readOnly, gtid }: ReplicaFacts): Finding[] {
  if (error !== undefined)
    return [fail(name, `does not answer: ${error}`, 'start it; the primary has its reads meanwhile')];
  const wrong = [
    ...(readOnly
      ? []
      : [warn(name, 'can be written', 'set read_only (and super_read_only) on it: whatever is written there is lost')]),
    ...(gtid === false
      ? [warn(name, 'does not follow by GTID', 'set gtid_mode and enforce_gtid_consistency on both servers')]
      : []),
  ];
  const advice = 'SHOW REPLICA STATUS on it says what holds it up';
  const behind =
    lagMs === undefined
      ? skip(name, 'how far it is behind is not known: no service beats', 'start a service that reads from replicas')
      : graded(
          name,
          lagMs,
          LAG_MS,
          lagMs < LAG_MS.warn ? 'follows' : `is ${Math.round(lagMs / 1000)} s behind`,
          advice,
        );
  return [...wrong, behind];
}

const untold = (name: string, domain: Domain): Finding =>
  skip(
    name,
    'this environment does not say where it is',
    `set ${domain.toUpperCase()}_DB_HOST and its user and password, or run this as the migration job does`,
  );

const refused = (name: string, error: unknown): Finding =>
  fail(
    name,
    reasonOf(error),
    error instanceof ConfigError
      ? 'set the variable'
      : 'see whether the server runs, and whether host, user and password are right',
  );

/** One server has many databases: what is said of it is said once. */
const distinct = (findings: readonly Finding[]): Finding[] => [
  ...new Map(
    findings.map((finding) => [`${finding.name} ${finding.status} ${finding.found.replace(/\d+ s/, '')}`, finding]),
  ).values(),
];
