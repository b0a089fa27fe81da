import { InProcessServer } from './in-process.server.js';
import { KafkaServer } from './kafka.server.js';
import { type KafkaSettings, type TopicShape, usesKafka } from './kafka.settings.js';
import type { Transport } from './transport.js';

/**
 * The strategy that carries the events of this process: Kafka where brokers are configured, else within the process. Call it when the
 * domain modules are there and before `app.init()`:
 *
 *     const server = createEventServer(transport, environment.get(KafkaSettings), topology);
 *     if (server instanceof KafkaServer) server.watchedBy(app.get(HealthRegistry));
 *     transport.delivers = transport.mode === 'kafka' || hostsAll(definitions);
 *     app.connectMicroservice<MicroserviceOptions>({ strategy: server });
 *
 * Nest closes it in `app.close()`, after the hooks of `beforeApplicationShutdown` and before those of `onApplicationShutdown`, where the
 * databases close. Throws ConfigError for settings of Kafka that do not go together.
 */
export const createEventServer = (
  transport: Transport,
  settings: KafkaSettings,
  topology?: Partial<TopicShape>,
): InProcessServer | KafkaServer =>
  usesKafka(settings) ? new KafkaServer(transport, settings, topology) : new InProcessServer(transport);
