import type { Environment } from '@nakku/config';
import type { Deployment } from '@nakku/deploy';
import type { Copy } from './copies.js';
import { fail, type Finding, reasonOf } from './finding.js';

/** What is looked at. */
export interface Patient {
  /** The variables as they were given. */
  env: Record<string, string | undefined>;
  environment: Environment;
  deployment: Deployment;
  /** Where clients reach the gateway. */
  url: URL;
  /** How long one thing may take to answer. */
  timeoutMs: number;
  /** What the copies of the services say; asked once for all checks. */
  copies: () => Promise<Copy[]>;
}

/** Looks at one kind of thing. */
export interface Check {
  name: string;
  look: (patient: Patient) => Promise<Finding[]>;
}

/** How many times as long as one answer a whole check may take. */
const ANSWERS = 4;

/** Runs every check at once; one that throws, or takes too long, is a finding like any other and hides nothing else. */
export async function examine(patient: Patient, checks: readonly Check[]): Promise<Finding[]> {
  const findings = await Promise.all(checks.map((check) => outcome(check, patient)));
  return findings.flat();
}

async function outcome({ name, look }: Check, patient: Patient): Promise<Finding[]> {
  try {
    return await within(patient.timeoutMs * ANSWERS, look(patient));
  } catch (error) {
    return [fail(name, `could not be looked at: ${reasonOf(error)}`, 'mend that, then look again')];
  }
}

/** What `work` gives; throws when that takes longer. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
