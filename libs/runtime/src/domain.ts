import type { INestApplication, Type } from '@nestjs/common';
import type { Domain, SettingsType } from '@nakku/config';
import type { AnyApiToken } from '@nakku/rpc';
import type { Accounts } from './accounts.js';
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
  /** What operators do with accounts: the user domain's. */
  accounts?: Type<Accounts>;
  /** The variables that it reads, where it has no DomainModule to say so. */
  settings?: SettingsType[];
  /** Adds to the HTTP server before it listens. */
  configure?: (app: INestApplication, hosted: readonly string[]) => void | Promise<void>;
}

/** Declares what an app is; every app's `index.ts` exports one. */
export const defineDomain = (definition: DomainDefinition): DomainDefinition => definition;
