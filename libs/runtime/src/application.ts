import { type DynamicModule, type INestApplication, Module, type Type } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE, NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AuthModule, rememberWriters, ReplicaReads, TokenService, trustGateway } from '@nakku/auth';
import { CacheModule } from '@nakku/cache';
import { ConfigModule, CoreSettings, DOMAINS, Environment } from '@nakku/config';
import {
  bindContext,
  createLogger,
  HealthRegistry,
  Logger,
  logRequests,
  Metrics,
  ObservabilityModule,
} from '@nakku/observability';
import {
  DiscoverySettings,
  ProblemFilter,
  ReturnsInterceptor,
  RpcSettings,
  serveDocument,
  ValidationPipe,
} from '@nakku/rpc';
import {
  createEventServer,
  type InProcessServer,
  KafkaServer,
  KafkaSettings,
  Transport,
  TransportSettings,
} from '@nakku/transport';
import { requireDeclaredAccess } from './access.check.js';
import type { DomainDefinition } from './domain.js';
import { GuestMode } from './domain.module.js';
import { configureHttp, HTTP_OPTIONS, readJson } from './http.js';
import { PeersModule } from './peers.module.js';
import { tellBuild } from './build-info.js';
import { Periodic } from './periodic.js';
import { QuietStart } from './quiet-start.js';
import { readTopology } from './topology.file.js';

/** Paths outside `/api/v1`. */
const AT_ROOT = [
  'health',
  'health/*path',
  'metrics',
  'internal/*path',
  '.well-known/*path',
  'docs',
  'docs/*path',
  'openapi.json',
];

/** What every domain module of the process may inject. */
@Module({})
class ProcessModule {
  static for(environment: Environment): DynamicModule {
    const settings = [RpcSettings, DiscoverySettings, TransportSettings].map((type) => ({
      provide: type,
      useValue: environment.get<object>(type),
    }));
    const providers = [...settings, Transport, Periodic];
    return { module: ProcessModule, global: true, providers, exports: providers };
  }
}

/** What every process has below its domains. */
function baseModules(environment: Environment): DynamicModule[] {
  return [
    ConfigModule.for(environment),
    ObservabilityModule.for(),
    ProcessModule.for(environment),
    CacheModule.for(),
    AuthModule.for(),
  ];
}

@Module({})
class RootModule {}

const hostsAll = (definitions: readonly DomainDefinition[]): boolean =>
  DOMAINS.every((domain) => definitions.some(({ name }) => name === domain));

/** Whether the gateway and all domains are in this process: nobody else calls it then. */
export const isWhole = (definitions: readonly DomainDefinition[]): boolean =>
  hostsAll(definitions) && definitions.some(({ name }) => name === 'gateway');

/** Tells the domains that they are opened for a command. */
@Module({})
class GuestModule {
  static readonly global: DynamicModule = {
    module: GuestModule,
    global: true,
    providers: [{ provide: GuestMode, useValue: {} }],
    exports: [GuestMode],
  };
}

/** Builds the Nest application that hosts these services; it does not listen yet. `guest`: their stores may be open elsewhere. */
export async function createApplication(
  definitions: readonly DomainDefinition[],
  environment: Environment,
  guest = false,
): Promise<NestFastifyApplication> {
  const mountInternal = environment.get(RpcSettings).RPC_MODE === 'http' || !isWhole(definitions);
  const base = [PeersModule.for(definitions, mountInternal), ...(guest ? [GuestModule.global] : [])];
  const modules = [...base, ...definitions.map(({ module }) => module)];
  const app = await createServer(modules, environment);
  if (mountInternal) serveDocument(app);
  const hosted = definitions.map(({ name }) => name);
  tellBuild(app.get(Metrics), hosted);
  for (const { configure } of definitions) await configure?.(app, hosted);
  return app;
}

/** Builds a Nest application of these modules on Fastify, with everything that all our HTTP servers do. */
export async function createServer(
  modules: (Type | DynamicModule)[],
  environment: Environment,
): Promise<NestFastifyApplication> {
  const core = environment.get(CoreSettings);
  const root: DynamicModule = {
    module: RootModule,
    imports: [...baseModules(environment), ...modules],
    providers: [
      { provide: APP_FILTER, useClass: ProblemFilter },
      { provide: APP_PIPE, useClass: ValidationPipe },
      ...(core.NODE_ENV === 'test' ? [{ provide: APP_INTERCEPTOR, useClass: ReturnsInterceptor }] : []),
    ],
  };
  const adapter = new FastifyAdapter({
    ...HTTP_OPTIONS,
    trustProxy: core.TRUSTED_PROXIES.length > 0 ? core.TRUSTED_PROXIES : false,
  });
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    bufferLogs: true,
    abortOnError: false,
    rawBody: true,
  });
  app.useLogger(new QuietStart(app.get(Logger)));
  const fastify = adapter.getInstance();
  bindContext(fastify);
  trustGateway(fastify, app.get(TokenService));
  logRequests(fastify, createLogger(core));
  configureHttp(fastify, app.get(Metrics), app.get(HealthRegistry));
  rememberWriters(fastify, app.get(ReplicaReads));
  readJson(app);
  app.setGlobalPrefix('api/v1', { exclude: AT_ROOT });
  return app;
}

/** Opens the event transport and the routes. After this the application answers, though it does not listen on a port. */
export async function startApplication(app: INestApplication, definitions: readonly DomainDefinition[]): Promise<void> {
  app.connectMicroservice<MicroserviceOptions>({ strategy: eventServer(app, hostsAll(definitions)) });
  await app.init();
  requireDeclaredAccess(app);
  await app.startAllMicroservices();
}

/** What carries the events: Kafka where there are brokers; else they stay in the process, if all who listen are in it. */
function eventServer(app: INestApplication, alone: boolean): InProcessServer | KafkaServer {
  const environment = app.get(Environment);
  const transport = app.get(Transport);
  const health = app.get(HealthRegistry);
  const { kafka } = readTopology(environment.get(CoreSettings).TOPOLOGY).data ?? {};
  const shape = kafka && { ...kafka, minIsr: kafka.minInSync };
  const server = createEventServer(transport, environment.get(KafkaSettings), shape);
  if (server instanceof KafkaServer) {
    server.watchedBy(health);
    server.measuredBy(app.get(Metrics));
  }
  transport.delivers = alone || server instanceof KafkaServer;
  if (!transport.delivers && transport.domains.length > 0)
    health.add('event-broker', noBroker, { informational: true });
  return server;
}

async function noBroker(): Promise<void> {
  const problem = new Error('no broker is configured: events wait in the outbox');
  throw Object.assign(problem, { code: 'NOT_CONFIGURED' });
}
