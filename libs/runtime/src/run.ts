import type { Socket } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { hasReplicas } from '@nakku/auth';
import { CacheSettings } from '@nakku/cache';
import { ConfigError, CoreSettings, DOMAINS, Environment } from '@nakku/config';
import { GATEWAY_PORT, DOMAINS as DOMAIN_TABLE } from '@nakku/contracts';
import { DatabaseSettings } from '@nakku/database';
import { HealthRegistry, Logger } from '@nakku/observability';
import { DiscoverySettings, RpcSettings } from '@nakku/rpc';
import { KafkaSettings, Transport, TransportSettings } from '@nakku/transport';
import { createApplication, isWhole, startApplication } from './application.js';
import type { DomainDefinition } from './domain.js';
import { settingsOf, storeOf } from './domain.module.js';
import { letGo, unusedConnections } from './http.js';
import { Listening } from './listening.js';
import { runSeeds } from './seeding.js';

/** A started process. */
export interface Running {
  app: NestFastifyApplication;
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Drains and stops: readiness fails, the listener closes, events on their way finish, the databases close. */
  stop(): Promise<void>;
}

/** Starts these services in this process. Throws ConfigError for a wrong environment. */
export async function start(
  definitions: readonly DomainDefinition[],
  env: Record<string, string | undefined>,
  port?: number,
): Promise<Running> {
  const environment = new Environment(env);
  environment.check([
    CoreSettings,
    DatabaseSettings,
    RpcSettings,
    DiscoverySettings,
    TransportSettings,
    KafkaSettings,
    CacheSettings,
    ...definitions.flatMap(({ name, settings = [] }) => [...settingsOf(name), ...settings]),
  ]);
  for (const { name } of definitions) if (name !== 'gateway') storeOf(name, environment); // throws while nothing is open yet
  if (!isWhole(definitions)) requireSharedMemory(environment);
  const core = environment.get(CoreSettings);
  const app = await createApplication(definitions, environment);
  const health = app.get(HealthRegistry);
  health.add('start', async () => {
    throw Object.assign(new Error('still starting'), { code: 'STARTING' });
  });
  try {
    await startApplication(app, definitions);
    const unused = unusedConnections(app.getHttpServer());
    await app.listen(core.PORT ?? port ?? defaultPort(definitions), core.HOST);
    const url = `http://127.0.0.1:${portOf(app)}`;
    app.get(Listening).at(portOf(app));
    if (core.NAKKU_SEED === 'demo') await runSeeds(app, definitions);
    health.remove('start');
    app.get(Logger).log({ port: portOf(app), services: definitions.map(({ name }) => name) }, 'started');
    const drainMs = core.SHUTDOWN_DRAIN_MS ?? (isWhole(definitions) ? 0 : DRAIN_MS);
    return { app, url, stop: () => stop(app, unused, core.SHUTDOWN_GRACE_MS, drainMs) };
  } catch (error) {
    await app.close().catch(() => undefined);
    throw error;
  }
}

/** `main`: starts these services with the process's environment, stops on SIGTERM and SIGINT, and exits 1 with one line for a wrong environment. */
export async function run(definitions: readonly DomainDefinition[], port?: number): Promise<Running | undefined> {
  try {
    const running = await start(definitions, process.env, port);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stopAndExit(running));
    return running;
  } catch (error) {
    process.stderr.write(`${error instanceof ConfigError ? error.message : explain(error)}\n`);
    process.exitCode = 1;
    setTimeout(() => process.exit(1), 1000).unref();
    return undefined;
  }
}

/** Our own clients let go of a connection that they have not used for four seconds. */
const DRAIN_MS = 5000;

async function stop(
  app: NestFastifyApplication,
  unused: ReadonlySet<Socket>,
  graceMs: number,
  drainMs: number,
): Promise<void> {
  app.get(HealthRegistry).draining();
  if (drainMs > 0) await letGo(app.getHttpServer(), drainMs);
  for (const socket of unused) socket.destroy();
  app.get(Transport).stopGraceMs = Math.max(0, graceMs - drainMs - 10_000);
  await app.close();
}

async function stopAndExit(running: Running): Promise<void> {
  const grace = running.app.get(CoreSettings).SHUTDOWN_GRACE_MS;
  // Whatever hangs longer than the grace is cut off; nothing acknowledged is lost by that, it only waits for the next start.
  setTimeout(() => process.exit(1), grace).unref();
  await running.stop();
  process.exit(0);
}

/** Who has written a moment ago must be known to every process before some of their reads may come from replicas. */
function requireSharedMemory(environment: Environment): void {
  const { REDIS_URL, REDIS_CLUSTER_NODES } = environment.get(CacheSettings);
  if (!hasReplicas(environment.get(DatabaseSettings)) || REDIS_URL || REDIS_CLUSTER_NODES) return;
  const sentence =
    'REDIS_URL (or REDIS_CLUSTER_NODES) must be set where DB_REPLICA_HOSTS is and services are split, but is not set';
  throw new ConfigError([{ name: 'REDIS_URL', sentence }]);
}

function explain(error: unknown): string {
  const { code, port, message } = error as { code?: string; port?: number; message?: string };
  if (code === 'EADDRINUSE') return `PORT must be free, but ${port} is in use`;
  return error instanceof Error ? (error.stack ?? error.message) : (message ?? String(error));
}

function defaultPort(definitions: readonly DomainDefinition[]): number {
  const only = definitions.length === 1 ? DOMAINS.find((domain) => domain === definitions[0]!.name) : undefined;
  return only ? DOMAIN_TABLE[only].port : GATEWAY_PORT;
}

function portOf(app: NestFastifyApplication): number {
  const address = app.getHttpServer().address();
  return address && typeof address === 'object' ? address.port : 0;
}
