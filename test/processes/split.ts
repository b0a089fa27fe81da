import { startProcess, type TestProcess } from '@nakku/testing';
import { DOMAIN_NAMES } from '@nakku/contracts';
import type { ServiceName } from '@nakku/runtime';
import { apps } from '../../apps/nakku/src/index.js';
import type { Deployment } from './deployment.js';
import { freePort } from './server.js';

/** Nakku in several processes inside the test, each on embedded stores of its own. */
export interface Split extends Deployment {
  /** The processes, in the order of their groups. */
  parts: TestProcess[];
}

/** Starts a process for each group of services; each finds the others at their ports. The first one that has the gateway is what clients see. */
export async function startSplit(groups: ServiceName[][], env: Record<string, string> = {}): Promise<Split> {
  const ports = await Promise.all(groups.map(() => freePort()));
  const urls = Object.fromEntries(
    DOMAIN_NAMES.map((domain) => {
      const port = ports[groups.findIndex((services) => services.includes(domain))];
      return [`${domain.toUpperCase()}_SERVICE_URL`, `http://127.0.0.1:${port}`];
    }),
  );
  const parts: TestProcess[] = [];
  const stop = async () => void (await Promise.all(parts.map((part) => part.stop())));
  try {
    for (const [i, services] of groups.entries()) {
      const definitions = services.map((service) => apps[service]);
      parts[i] = await startProcess(definitions, { ...urls, PORT: String(ports[i]), ...env });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const { url, http } = parts[groups.findIndex((services) => services.includes('gateway'))]!;
  return { url, http, parts, stop };
}
