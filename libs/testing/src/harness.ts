import { type DynamicModule, Module, type Type } from '@nestjs/common';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { TokenService } from '@nakku/auth';
import { Environment } from '@nakku/config';
import { DOMAINS } from '@nakku/contracts';
import { Database, newId } from '@nakku/database';
import type { Actor, Role } from '@nakku/observability';
import { createServer, Periodic } from '@nakku/runtime';
import { type Envelope, InProcessServer, type Message, OutboxRow, seal, Transport } from '@nakku/transport';
import { type Fake, fake } from './fake.js';
import { type Http, type Loose, parseBody, verbs } from './http.js';
import { type StoreKind, type TestStore, testStore } from './store.js';

export interface HarnessOptions {
  fakes?: Fake[];
  env?: Record<string, string>;
  /** Which store, if not what TEST_STORE says. */
  store?: StoreKind;
  /** A harness on whose database this one works too, as a second copy of the service would. In the embedded store, which one process owns, it is that harness itself. */
  beside?: Harness;
}

/** The other domains of a domain under test. */
@Module({})
class FakesModule {
  static for(fakes: readonly Fake[]): DynamicModule {
    const providers = Object.values(DOMAINS).map(({ api }) => {
      const given = fakes.find(({ token }) => token === api);
      return { provide: api, useValue: given?.client ?? fake(api, {}).client };
    });
    return { module: FakesModule, global: true, providers, exports: providers };
  }
}

/** One domain on a real store, with the other domains faked: its services, its HTTP, its events. */
export async function domainHarness(module: Type, options: HarnessOptions = {}): Promise<Harness> {
  const { beside } = options;
  if (beside?.store.embedded) return { ...beside, close: () => Promise.resolve() };
  return harnessOn(beside?.store ?? (await testStore(options.store)), module, options);
}

async function harnessOn(store: TestStore, module: Type, options: HarnessOptions) {
  const environment = new Environment({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    NAKKU_SEED: 'none',
    ...store.env,
    ...options.env,
  });
  const app = await createServer([FakesModule.for(options.fakes ?? []), module], environment);
  await app.get(Periodic).beforeApplicationShutdown(); // a test calls the periodic work itself
  const transport = app.get(Transport);
  transport.delivers = false; // what is published stays in the outbox, to be looked at
  app.connectMicroservice<MicroserviceOptions>({ strategy: new InProcessServer(transport) });
  await app.init();
  await app.startAllMicroservices();
  await app.getHttpAdapter().getInstance().ready();
  const database = app.get(Database, { strict: false });
  const tokens = app.get(TokenService);

  const deliver = async (event: Message | Envelope): Promise<Envelope> => {
    const envelope =
      'specversion' in event ? event : seal(event.definition, event.definition.payload.parse(event.data));
    const consumer = transport.consumer(database.name, envelope.type);
    if (!consumer) throw new Error(`${database.name} does not listen to ${envelope.type}`);
    await consumer.apply(envelope);
    return envelope;
  };

  const published = async (type?: string): Promise<Loose[]> => {
    const rows = await database.manager.find(OutboxRow, { order: { seq: 'ASC' } });
    if (type !== undefined)
      return rows.filter((row) => row.type === type).map(({ envelope }) => (JSON.parse(envelope) as Envelope).data);
    return rows.map(({ type: name, envelope }) => ({ type: name, data: (JSON.parse(envelope) as Envelope).data }));
  };

  const http: Http = verbs(async (method, url, { as, body, headers }) => {
    const authorization = typeof as === 'object' ? { authorization: `Bearer ${await tokens.signAccess(as)}` } : {};
    const response = await app.inject({
      method: method as 'GET',
      url,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...authorization, ...headers },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return {
      status: response.statusCode,
      body: parseBody(response.body),
      headers: response.headers as Record<string, string>,
    };
  });

  return {
    app,
    store,
    database,
    http,
    /** Any provider of the module. */
    get: <T>(type: Type<T> | (abstract new (...args: never[]) => T)): T => app.get(type, { strict: false }),
    /** Runs the domain's handler in its transaction with its inbox row; give the returned envelope again to deliver a duplicate. */
    deliver,
    /** What the domain has published and committed, in order: of one type their data, else all as {type, data}. */
    published,
    /** Somebody with a role and a fresh id. */
    actor: (role: Role, given: Partial<Actor> = {}): Actor => ({ id: newId(), roles: [role], stores: [], ...given }),
    async close(): Promise<void> {
      await app.close();
      if (!options.beside) await store.remove();
    },
  };
}

export type Harness = Awaited<ReturnType<typeof harnessOn>>;
