import {
  type DynamicModule,
  Inject,
  Logger,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { CoreSettings, type Domain, Environment, type SettingsType } from '@nakku/config';
import { Database, openDatabase } from '@nakku/database';
import { HealthRegistry, Metrics } from '@nakku/observability';
import { Idempotency, IdempotencyKey, IdempotencyKeys1700000000002 } from '@nakku/rpc';
import {
  DeadLetter,
  EventBus,
  EventOperations,
  InboxRow,
  OutboxRow,
  Relay,
  Transport,
  Transport1700000000001,
} from '@nakku/transport';
import { sweepInbox } from './housekeeping.js';
import { Periodic } from './periodic.js';

type OpenOptions = Parameters<typeof openDatabase>[0];

/** What a domain brings: its tables, how they came about, and the variables it reads. */
export interface DomainOptions {
  name: Domain;
  entities?: OpenOptions['entities'];
  migrations?: OpenOptions['migrations'];
  settings?: SettingsType[];
}

const declaredSettings = new Map<string, SettingsType[]>();

/** The variables that a domain reads, so that a start can refuse wrong ones before anything is opened. */
export const settingsOf = (domain: string): readonly SettingsType[] => declaredSettings.get(domain) ?? [];

const DOMAIN_OPTIONS = Symbol('domain options');
const logger = new Logger('database');
const HOUR_MS = 3600_000;

const openStore = (options: DomainOptions, core: CoreSettings): Promise<Database> =>
  openDatabase({
    name: options.name,
    entities: [OutboxRow, InboxRow, DeadLetter, IdempotencyKey, ...(options.entities ?? [])],
    migrations: [Transport1700000000001, IdempotencyKeys1700000000002, ...(options.migrations ?? [])],
    dataDir: core.DATA_DIR,
    onSlow: (slow) => logger.warn(slow, 'a transaction held the store for long'),
    onHookError: (err) => logger.error({ err }, 'what follows a commit failed'),
  });

const operationsOf = (database: Database, relay: Relay, transport: Transport): EventOperations =>
  new EventOperations(database, relay, (type) => transport.consumer(database.name, type));

/** What every domain module imports: a database of its own with outbox and inbox, the event bus, idempotency, and its settings. */
@Module({})
export class DomainModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly database: Database,
    private readonly relay: Relay,
    private readonly idempotency: Idempotency,
    private readonly metrics: Metrics,
    private readonly periodic: Periodic,
    @Inject(HealthRegistry) private readonly health: HealthRegistry,
  ) {}

  static for(options: DomainOptions): DynamicModule {
    declaredSettings.set(options.name, options.settings ?? []);
    const settings = settingsOf(options.name).map((type) => ({
      provide: type,
      inject: [Environment],
      useFactory: (environment: Environment) => environment.get(type),
    }));
    const providers = [
      { provide: DOMAIN_OPTIONS, useValue: options },
      { provide: Database, inject: [DOMAIN_OPTIONS, CoreSettings], useFactory: openStore },
      { provide: Relay, inject: [Database], useFactory: (database: Database) => new Relay(database) },
      { provide: EventOperations, inject: [Database, Relay, Transport], useFactory: operationsOf },
      { provide: Joined, inject: [Database, Relay, EventOperations, Transport], useFactory: join },
      EventBus,
      Idempotency,
      ...settings,
    ];
    return {
      module: DomainModule,
      providers,
      exports: [Database, EventBus, Idempotency, ...settings.map(({ provide }) => provide)],
    };
  }

  onModuleInit(): void {
    const { name } = this.database;
    this.health.add(`${name}-database`, () => this.database.ping());
    this.periodic.every(HOUR_MS, `${name} housekeeping`, async () => {
      await this.idempotency.sweep();
      await sweepInbox(this.database);
    });
    this.metrics.beforeRender(() => this.measure());
  }

  /** After the listener and the transport have drained: nobody writes any more. */
  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }

  private async measure(): Promise<void> {
    const domain = this.database.name;
    const { pending, oldestSeconds } = await this.relay.backlog();
    const { transactions, commits, longestBodyMs } = this.database.stats();
    const set = (name: string, help: string, value: number) =>
      this.metrics.gauge(name, help, ['domain']).set({ domain }, value);
    set('nakku_outbox_pending', 'Events that wait in the outbox', pending);
    set('nakku_outbox_lag_seconds', 'Age of the oldest event in the outbox', oldestSeconds);
    set('nakku_store_transactions', 'Transactions since the start', transactions);
    set('nakku_store_commits', 'Commits (each one fsync in the embedded store) since the start', commits);
    set('nakku_store_longest_body_seconds', 'Longest transaction body since the start', longestBodyMs / 1000);
  }
}

/** Marks that the domain takes part in the transport. */
abstract class Joined {}

const join = (database: Database, relay: Relay, operations: EventOperations, transport: Transport): Joined => {
  transport.join({ database, relay, operations });
  return {};
};
