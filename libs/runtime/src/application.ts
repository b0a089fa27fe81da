import { type DynamicModule, type INestApplication, Module, type Type } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE, NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AuthModule } from '@nakku/auth';
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
import { ProblemFilter, ReturnsInterceptor, RpcSettings, ValidationPipe } from '@nakku/rpc';
import { InProcessServer, Transport, TransportSettings } from '@nakku/transport';
import { requireDeclaredAccess } from './access.check.js';
import type { DomainDefinition } from './domain.js';
import { configureHttp, HTTP_OPTIONS, readJson } from './http.js';
import { PeersModule } from './peers.module.js';
import { Periodic } from './periodic.js';
import { QuietStart } from './quiet-start.js';

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
    const settings = [RpcSettings, TransportSettings].map((type) => ({
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

/** Builds the Nest application that hosts these services; it does not listen yet. */
export async function createApplication(
  definitions: readonly DomainDefinition[],
  environment: Environment,
): Promise<NestFastifyApplication> {
  const mountInternal = environment.get(RpcSettings).RPC_MODE === 'http' || !hostsAll(definitions);
  const modules = [PeersModule.for(definitions, mountInternal), ...definitions.map(({ module }) => module)];
  const app = await createServer(modules, environment);
  const hosted = definitions.map(({ name }) => name);
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
  logRequests(fastify, createLogger(core));
  configureHttp(fastify, app.get(Metrics));
  readJson(app);
  app.setGlobalPrefix('api/v1', { exclude: AT_ROOT });
  return app;
}

/** Opens the event transport and the routes. After this the application answers, though it does not listen on a port. */
export async function startApplication(app: INestApplication, definitions: readonly DomainDefinition[]): Promise<void> {
  const transport = app.get(Transport);
  transport.delivers = hostsAll(definitions);
  if (!transport.delivers) {
    app.get(HealthRegistry).add(
      'event-broker',
      async () => {
        throw Object.assign(new Error('no broker is configured: events wait in the outbox'), {
          code: 'NOT_CONFIGURED',
        });
      },
      { informational: true },
    );
  }
  app.connectMicroservice<MicroserviceOptions>({ strategy: new InProcessServer(transport) });
  await app.init();
  requireDeclaredAccess(app);
  await app.startAllMicroservices();
}
