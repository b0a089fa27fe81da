import { appNameOf } from '../catalogue.js';
import type { Deployment, Process } from '../deployment.js';

interface Copy {
  /** Tells it from the other copies, in its id. */
  number: number;
  /** Where others find it; without one, at its server's own address. */
  address?: string;
}

/** Consul's definitions of the services that these copies of a process host. */
export const consulServices = ({ name }: Deployment, process: Process, copies: readonly Copy[]): string =>
  `${JSON.stringify({ services: copies.flatMap((copy) => process.services.map((service) => definition(name, process, service, copy))) }, null, 2)}\n`;

function definition(topology: string, { app, port }: Process, service: string, { number, address }: Copy): object {
  const name = appNameOf(service);
  return {
    id: `${name}-${number}`,
    name,
    ...(address !== undefined && { address }),
    port,
    tags: ['nakku', topology, app],
    check: {
      name: `${name} is ready`,
      http: `http://${address ?? '127.0.0.1'}:${port}/health/ready`,
      interval: '10s',
      timeout: '3s',
      // Who fails is not told to anybody. Only after a day is it forgotten, until `consul reload`.
      deregister_critical_service_after: '24h',
    },
  };
}
