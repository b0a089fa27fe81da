import { lookup } from 'node:dns/promises';
import { Agent, request } from 'undici';
import type { Process } from '@nakku/deploy';
import { reasonOf } from './finding.js';
import { type Figures, figuresOf } from './figures.js';

const MOST_BYTES = 8 * 1024 * 1024;

/** A running copy of a process, as it answers. */
export interface Copy {
  process: Process;
  /** Where it was asked. */
  at: string;
  /** Why nothing else is known. */
  error?: string;
  health?: Record<string, { status: 'up' | 'down' | 'degraded'; message?: string }>;
  /** How far its clock is ahead of this machine's, in milliseconds; to the second. */
  clockAheadMs?: number;
  figures?: Figures;
}

/** Where the copies of a process are asked: each address of each of its host names. */
export async function placesOf(urls: readonly URL[]): Promise<URL[]> {
  const found = await Promise.all(
    urls.map(async (url) => {
      // A certificate is for the name, so that is not replaced by an address.
      if (url.protocol === 'https:') return [url];
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const addresses = await lookup(host, { all: true }).catch(() => []);
      const distinct = addresses.filter(({ family }) => addresses.length === 1 || family === addresses[0]!.family);
      return distinct.length === 0 ? [url] : distinct.map(({ address }) => at(url, address));
    }),
  );
  return found.flat();
}

function at(url: URL, address: string): URL {
  const copy = new URL(url);
  copy.hostname = address.includes(':') ? `[${address}]` : address;
  return copy;
}

/** Asks a copy how it is. A token goes only to who has shown that he is who he says, or to the private network without TLS. */
export async function ask(process: Process, url: URL, token: string | undefined, timeoutMs: number): Promise<Copy> {
  const at = url.host;
  const trusting = new Agent({ connect: { timeout: timeoutMs }, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
  const careless = new Agent({ connect: { timeout: timeoutMs, rejectUnauthorized: false }, headersTimeout: timeoutMs });
  try {
    const verified = url.protocol === 'http:' || (await works(() => get(url, '/health/live', trusting)));
    const agent = verified ? trusting : careless;
    const asked = Date.now();
    const health = await get(url, '/health', agent);
    const clockAheadMs = Date.parse(health.date) + 500 - (asked + Date.now()) / 2;
    const metrics = await get(url, '/metrics', agent, verified ? token : undefined).catch(() => undefined);
    return {
      process,
      at,
      health: (JSON.parse(health.text) as { details?: Copy['health'] }).details ?? {},
      ...(Number.isFinite(clockAheadMs) && { clockAheadMs }),
      ...(metrics?.status === 200 && { figures: figuresOf(metrics.text) }),
    };
  } catch (error) {
    return { process, at, error: error instanceof SyntaxError ? 'what answers there is not Nakku' : reasonOf(error) };
  } finally {
    void trusting.destroy();
    void careless.destroy();
  }
}

async function works(work: () => Promise<unknown>): Promise<boolean> {
  return work().then(
    () => true,
    () => false,
  );
}

async function get(base: URL, path: string, dispatcher: Agent, token?: string) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const { statusCode, headers: answered, body } = await request(new URL(path, base), { dispatcher, headers });
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    parts.push(part as Buffer);
    size += (part as Buffer).length;
    if (size > MOST_BYTES) throw new Error(`${path} has more than ${MOST_BYTES} bytes`);
  }
  return { status: statusCode, date: String(answered.date), text: Buffer.concat(parts).toString('utf8') };
}
