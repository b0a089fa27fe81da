import type { INestApplication, Type } from '@nestjs/common';
import { CoreSettings, Environment } from '@nakku/config';
import { Database, DatabaseSettings } from '@nakku/database';
import type { Accounts } from './accounts.js';
import { createApplication } from './application.js';
import type { DomainDefinition } from './domain.js';
import { settingsOf, storeOf, tablesOf } from './domain.module.js';
import { Periodic } from './periodic.js';

/** Domains that are open for a command: their services can be called, nothing listens, and events wait in their outboxes for whoever runs. */
export class OpenedDomains {
  private constructor(
    private readonly app: INestApplication,
    private readonly definitions: readonly DomainDefinition[],
  ) {}

  /**
   * Opens these domains in this process, also while they run elsewhere. Logs are silent unless LOG_LEVEL is set, because what a command prints is
   * its result. Throws ConfigError for a wrong environment.
   */
  static async of(
    definitions: readonly DomainDefinition[],
    env: Record<string, string | undefined>,
  ): Promise<OpenedDomains> {
    const environment = new Environment({ ...env, LOG_LEVEL: env.LOG_LEVEL || 'silent' });
    environment.check([
      CoreSettings,
      DatabaseSettings,
      ...definitions.flatMap(({ name, settings = [] }) => [...settingsOf(name), ...settings]),
    ]);
    for (const { name } of definitions) if (name !== 'gateway') storeOf(name, environment); // throws while nothing is open yet
    const app = await createApplication(definitions, environment, true);
    try {
      await app.get(Periodic).beforeApplicationShutdown(); // what is due is the business of the processes that run
      await app.init();
    } catch (error) {
      await app.close().catch(() => undefined);
      throw error;
    }
    return new OpenedDomains(app, definitions);
  }

  /** A provider of any of the domains. */
  get<T>(type: Type<T> | (abstract new (...args: never[]) => T)): T {
    return this.app.get<T>(type, { strict: false });
  }

  /** What operators do with accounts; the user domain must be among those that were opened. */
  accounts(): Accounts {
    const { accounts } = this.definitions.find((one) => one.accounts !== undefined) ?? {};
    if (!accounts) throw new Error('the user domain is not open');
    return this.get(accounts);
  }

  /** How many rows a domain has, without events. */
  async rowsOf(domain: string): Promise<number> {
    const stores = this.app.get(Database, { strict: false, each: true });
    const store = stores.find(({ name }) => name === domain);
    if (!store) throw new Error(`${domain} is not open`);
    let rows = 0;
    for (const table of tablesOf(domain)) rows += await store.manager.count(table);
    return rows;
  }

  close(): Promise<void> {
    return this.app.close();
  }
}
