import { readFileSync } from 'node:fs';
import { ConfigError, Environment, PlaceSettings } from '@nakku/config';
import { deploymentOf, type Process } from '@nakku/deploy';
import { readTopology } from '@nakku/runtime';
import { catalogue } from '../catalogue.js';
import { certificates } from './certificates.js';
import { ask, type Copy, placesOf } from './copies.js';
import { databases } from './databases.js';
import type { Finding } from './finding.js';
import { kafka } from './kafka.js';
import { disk, node } from './machine.js';
import { type Check, examine, type Patient } from './patient.js';
import { redis } from './redis.js';
import { secrets } from './secrets.js';
import { clocks, services, versions } from './services.js';
import { deadLetters, memory, orders, outboxes } from './work.js';

const CHECKS: readonly Check[] = [
  node,
  services,
  versions,
  clocks,
  memory,
  orders,
  outboxes,
  deadLetters,
  databases,
  kafka,
  redis,
  certificates,
  secrets,
  disk,
];

export interface Question {
  /** Where clients reach the gateway; else where it is by the topology. */
  url?: URL;
  /** Else TOPOLOGY. */
  topology?: string;
  timeoutMs: number;
}

/** Looks at a running deployment from here, by the variables that its services have. Throws ConfigError for a topology that is not there. */
export function diagnose(env: Record<string, string | undefined>, question: Question): Promise<Finding[]> {
  return examine(patientOf(env, question), CHECKS);
}

function patientOf(env: Record<string, string | undefined>, { url, topology, timeoutMs }: Question): Patient {
  const environment = new Environment(env);
  const deployment = deploymentOf(readTopology(topology ?? environment.get(PlaceSettings).TOPOLOGY), catalogue());
  const gateway =
    url ??
    new URL(
      `http://${deployment.processes.length > 1 ? deployment.gateway.app : '127.0.0.1'}:${env.PORT ?? deployment.gateway.port}`,
    );
  let asked: Promise<Copy[]> | undefined;
  const copies = () => (asked ??= everybody(env, deployment.processes, deployment.gateway, gateway, timeoutMs));
  return { env, environment, deployment, url: gateway, timeoutMs, copies };
}

async function everybody(
  env: Record<string, string | undefined>,
  processes: readonly Process[],
  gateway: Process,
  url: URL,
  timeoutMs: number,
): Promise<Copy[]> {
  const token = tokenOf(env);
  const found: Copy[] = [];
  // One process after the other: each asks all that it calls how they are, and all at once would keep each other from answering in time.
  for (const process of processes) {
    const places = await placesOf(process === gateway ? [url] : urlsOf(env, process));
    found.push(...(await Promise.all(places.map((place) => ask(process, place, token, timeoutMs)))));
  }
  return found;
}

/** Where callers find a process: what the environment says, else its host name. */
function urlsOf(env: Record<string, string | undefined>, { app, port, domains }: Process): URL[] {
  const told = domains.flatMap((domain) => (env[`${domain.toUpperCase()}_SERVICE_URL`] ?? '').split(','));
  const urls = [...new Set(told.map((one) => one.trim()).filter(Boolean))];
  const wrong = urls.find((one) => !URL.canParse(one));
  if (wrong)
    throw new ConfigError([{ name: app, sentence: `${app} must have a URL, but has "${wrong.slice(0, 80)}"` }]);
  return (urls.length > 0 ? urls : [`http://${app}:${port}`]).map((one) => new URL(one));
}

function tokenOf({ METRICS_TOKEN, METRICS_TOKEN_FILE }: Record<string, string | undefined>): string | undefined {
  if (METRICS_TOKEN) return METRICS_TOKEN.trim();
  try {
    return METRICS_TOKEN_FILE ? readFileSync(METRICS_TOKEN_FILE, 'utf8').trim() : undefined;
  } catch {
    return undefined; // the check of secrets says so
  }
}
