import type { INestApplication, Type } from '@nestjs/common';
import type { Domain } from '@nakku/config';
import type { AnyApiToken } from '@nakku/rpc';
import type { Seed } from './seed.js';

/** What a process can host: one of the ten domains, or the gateway (which has no contract and no tables). */
export interface DomainDefinition {
  name: Domain | 'gateway';
  module: Type;
  /** Its contract's token and the service that implements it. */
  api?: AnyApiToken;
  service?: Type;
  /** Loads the demo data, once, on an empty database. */
  seed?: Type<Seed>;
  /** Adds to the HTTP server before it listens. */
  configure?: (app: INestApplication, hosted: readonly string[]) => void | Promise<void>;
}

/** Declares what an app is; every app's `index.ts` exports one. */
export const defineDomain = (definition: DomainDefinition): DomainDefinition => definition;
