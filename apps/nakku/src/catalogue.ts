import { DOMAIN_NAMES, type DomainName, DOMAINS, EVENTS } from '@nakku/contracts';
import { type Catalogue, gatewayEntry, type ServiceEntry } from '@nakku/deploy';
import { callsOf } from '@nakku/runtime';
import { heardBy } from '@nakku/transport';
import type { Type } from '@nestjs/common';
import { apps } from './index.js';

/** Every service, with whom it calls and what it hears, read off the decorators of its classes: nothing is declared twice. */
export const catalogue = (): Catalogue => {
  const domains = DOMAIN_NAMES.map(entryOf);
  return [gatewayEntry(domains), ...domains];
};

function entryOf(domain: DomainName): ServiceEntry {
  const { module } = apps[domain];
  const controllers = (Reflect.getMetadata('controllers', module) as Type[] | undefined) ?? [];
  return {
    name: domain,
    port: DOMAINS[domain].port,
    calls: callsOf(module).filter((other) => other !== domain),
    emits: EVENTS.filter((event) => event.domain === domain).map(({ type }) => type),
    listens: [...new Set(controllers.flatMap(heardBy))].sort(),
  };
}
