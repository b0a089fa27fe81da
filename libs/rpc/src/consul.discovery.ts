import { isIPv6 } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { request } from 'undici';
import { z } from 'zod';
import type { Place, Watch } from './place.js';

/** Consul keeps a question for this long while nothing changes. */
const WAIT_SECONDS = 30;
/** A service that changes all the time is asked about no more often than this. */
const PAUSE_MS = 200;
const MAX_BACKOFF_MS = 10_000;

/** An entry of `GET /v1/health/service/<name>`; the service's own address counts, the node's where it has none. */
const Entries = z.array(
  z.object({
    Node: z.object({ Address: z.string() }),
    Service: z.object({ Address: z.string().default(''), Port: z.int() }),
  }),
);

const logger = new Logger('discovery');

/** The copies of a service that Consul says are well. A Consul that does not answer changes nothing: what was known goes on to count. */
export const watchConsul =
  (service: string, consul: { url: string; token?: string }): Watch =>
  (tell) => {
    const stop = new AbortController();
    void follow(service, consul, tell, stop.signal);
    return () => stop.abort();
  };

async function follow(
  service: string,
  consul: { url: string; token?: string },
  tell: (places: readonly Place[]) => void,
  signal: AbortSignal,
): Promise<void> {
  let index = '0';
  let failures = 0;
  let known = false;
  while (!signal.aborted) {
    try {
      const answer = await ask(service, consul, index, signal);
      if (failures > 0) logger.log(`Consul tells again where ${service} is`);
      failures = 0;
      // Consul's own advice: an index that goes backwards (its servers lost their state) means to begin anew.
      index = Number(answer.index) >= Number(index) ? answer.index : '0';
      known = true;
      tell(answer.places);
    } catch (err) {
      if (signal.aborted) return;
      if (failures++ === 0) logger.warn({ err }, `Consul does not tell where ${service} is`);
      if (!known) tell([]);
    }
    const backoff = Math.min(MAX_BACKOFF_MS, PAUSE_MS * 2 ** failures) * (0.75 + Math.random() / 2);
    await sleep(failures === 0 ? PAUSE_MS : backoff, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

async function ask(
  service: string,
  { url, token }: { url: string; token?: string },
  index: string,
  signal: AbortSignal,
) {
  const query = `passing=true&index=${index}&wait=${WAIT_SECONDS}s`;
  const answer = await request(new URL(`/v1/health/service/${service}?${query}`, url), {
    headers: token ? { 'x-consul-token': token } : {},
    headersTimeout: (WAIT_SECONDS + 10) * 1000,
    signal,
  });
  const body = await answer.body.json();
  if (answer.statusCode !== 200) throw new Error(`Consul answered ${answer.statusCode}`);
  const places = Entries.parse(body).map(({ Node, Service }) => placeOf(Service.Address || Node.Address, Service.Port));
  return { places, index: String(answer.headers['x-consul-index'] ?? '0') };
}

const placeOf = (address: string, port: number): Place => ({
  origin: `http://${isIPv6(address) ? `[${address}]` : address}:${port}`,
});
