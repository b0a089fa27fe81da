import { GATEWAY_PORT } from '@nakku/contracts';

/** What a deployment has to know of a service, whether it is one of ours or one to come. */
export interface ServiceEntry {
  /** As topologies name it: `order`. */
  name: string;
  /** Where it listens when it runs alone. */
  port: number;
  /** The services whose operations it calls. The gateway calls all. */
  calls: readonly string[];
  /** The events that it tells, by type. */
  emits: readonly string[];
  /** The events that it hears, by type. */
  listens: readonly string[];
}

/** Every service, the gateway first. */
export type Catalogue = readonly ServiceEntry[];

export const GATEWAY = 'gateway';

/** How a service is called where it runs and is looked up: `order-service`, `api-gateway`. */
export const appNameOf = (service: string): string => (service === GATEWAY ? 'api-gateway' : `${service}-service`);

/** The gateway's own entry, given the domains behind it. */
export const gatewayEntry = (domains: readonly { name: string }[]): ServiceEntry => ({
  name: GATEWAY,
  port: GATEWAY_PORT,
  calls: domains.map(({ name }) => name),
  emits: [],
  listens: [],
});
