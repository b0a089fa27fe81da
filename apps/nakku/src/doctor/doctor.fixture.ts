import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Environment } from '@nakku/config';
import { deploymentOf } from '@nakku/deploy';
import { readTopology } from '@nakku/runtime';
import { catalogue } from '../catalogue.js';
import { ask, type Copy } from './copies.js';
import type { Finding } from './finding.js';
import { type Check, examine, type Patient } from './patient.js';

/** What a service says of itself. */
export interface Saying {
  health?: object;
  metrics?: string;
  date?: Date;
  /** Who may see the metrics. */
  token?: string;
}

const servers: Server[] = [];

/** Something that answers as a service does, or in some other way; ends with `endAll`. */
export async function service({ health = {}, metrics = '', date, token }: Saying = {}): Promise<URL> {
  const server = createServer((request, response) => {
    if (date) response.setHeader('date', date.toUTCString());
    const refused = token !== undefined && request.headers.authorization !== `Bearer ${token}`;
    if (request.url === '/metrics') response.writeHead(refused ? 403 : 200).end(metrics);
    else response.end(JSON.stringify({ status: 'ok', details: health }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

export function endAll(): void {
  for (const server of servers.splice(0)) server.close();
}

/** A patient of this topology, by these variables. */
export function patientOf(
  env: Record<string, string>,
  more: { topology?: string; url?: URL; copies?: Copy[] } = {},
): Patient {
  const { topology = 'clustered', url = new URL('http://127.0.0.1:1'), copies = [] } = more;
  return {
    env,
    environment: new Environment(env),
    deployment: deploymentOf(readTopology(topology), catalogue()),
    url,
    timeoutMs: 2000,
    copies: async () => copies,
  };
}

/** A patient whose order service has these copies. */
export async function withCopies(urls: readonly URL[], token?: string): Promise<Patient> {
  const patient = patientOf({});
  const order = patient.deployment.processes.find(({ app }) => app === 'order-service')!;
  const copies = await Promise.all(urls.map((url) => ask(order, url, token, 2000)));
  return { ...patient, copies: async () => copies };
}

/** What one check finds that is not well, by the names of things. */
export async function badOf(check: Check, patient: Patient): Promise<Record<string, string>> {
  const bad = (await examine(patient, [check])).filter(({ status }) => status === 'warn' || status === 'fail');
  return Object.fromEntries(bad.map(({ name, status, found }) => [name, `${status}: ${found}`]));
}

export const statusesOf = (findings: readonly Finding[]): string[] =>
  findings.map(({ name, status }) => `${name}: ${status}`);
