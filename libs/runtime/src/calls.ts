import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { DOMAIN_NAMES, type DomainName, DOMAINS } from '@nakku/contracts';

type Provider = Type | { inject?: unknown[] };

/** The domains whose contracts the classes of a module ask for, read off their constructors: nothing is declared twice. */
export function callsOf(module: Type): DomainName[] {
  const classes = [...listOf<Provider>('providers', module), ...listOf<Type>('controllers', module)];
  const tokens = classes.flatMap(dependenciesOf);
  return DOMAIN_NAMES.filter((domain) => tokens.includes(DOMAINS[domain].api));
}

const listOf = <T>(what: string, target: object): T[] => (Reflect.getMetadata(what, target) as T[] | undefined) ?? [];

const dependenciesOf = (provider: Provider): unknown[] =>
  typeof provider === 'function' ? listOf('design:paramtypes', provider) : (provider.inject ?? []);
