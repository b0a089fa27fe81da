import {
  type DynamicModule,
  Inject,
  Logger,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { type Domain, Environment, PlaceSettings, type SettingsType } from '@nakku/config';
import { Database, type OpenOptions, openDatabase, serverOf } from '@nakku/database';
import { HealthRegistry, Metrics } from '@nakku/observability';
import { Idempotency, IdempotencyKey, IdempotencyKeys1700000000002 } from '@nakku/rpc';
import {
  EventBus,
  EventOperations,
  Relay,
  Transport,
  TRANSPORT_ENTITIES,
  Transport1700000000001,
} from '@nakku/transport';
import { measureDomain } from './domain.metrics.js';
import { sweepInbox } from './housekeeping.js';
import { Periodic } from './periodic.js';

/** What a domain brings: its tables, how they came about, and the variables it reads. */
export interface DomainOptions {
  name: Domain;
  entities?: OpenOptions['entities'];
  migrations?: OpenOptions['migrations'];
  settings?: SettingsType[];
}

const declared = new Map<string, DomainOptions>();

/** The variables that a domain reads, so that a start can refuse wrong ones before anything is opened. */
export const settingsOf = (domain: string): readonly SettingsType[] => declared.get(domain)?.settings ?? [];

/** The tables of a domain's own, without those of events and idempotency. */
export const tablesOf = (domain: string): OpenOptions['entities'] => declared.get(domain)?.entities ?? [];

/** What opens, or migrates, the store of a domain whose module was loaded; throws ConfigError for a server that is not fully told. */
export function storeOf(domain: Domain, environment: Environment): OpenOptions {
  const { entities = [], migrations = [] } = declared.get(domain) ?? {};
  return {
    name: domain,
    entities: [...TRANSPORT_ENTITIES, IdempotencyKey, ...entities],
    migrations: [Transport1700000000001, IdempotencyKeys1700000000002, ...migrations],
    dataDir: environment.get(PlaceSettings).DATA_DIR,
    server: serverOf(environment, domain),
  };
}

const logger = new Logger('database');
const HOUR_MS = 3600_000;

/** Provided where stores are opened for a command of an operator, beside the processes that have them. */
export abstract class GuestMode {}

const openStore = (domain: Domain, environment: Environment, guest?: GuestMode): Promise<Database> =>
  openDatabase({
    ...storeOf(domain, environment),
    guest: guest !== undefined,
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
    declared.set(options.name, options);
    const settings = settingsOf(options.name).map((type) => ({
      provide: type,
      inject: [Environment],
      useFactory: (environment: Environment) => environment.get(type),
    }));
    const providers = [
      {
        provide: Database,
        inject: [Environment, { token: GuestMode, optional: true }],
        useFactory: (environment: Environment, guest?: GuestMode) => openStore(options.name, environment, guest),
      },
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
    measureDomain(this.metrics, this.database, this.relay);
  }

  /** After the listener and the transport have drained: nobody writes any more. */
  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}

/** Marks that the domain takes part in the transport. */
abstract class Joined {}

const join = (database: Database, relay: Relay, operations: EventOperations, transport: Transport): Joined => {
  transport.join({ database, relay, operations });
  return {};
};
