import { ConfigError, list, secret, settings } from '@nakku/config';
import { z } from 'zod';

const name = (max: number) =>
  z
    .string()
    .regex(new RegExp(`^[A-Za-z0-9._-]{1,${max}}$`))
    .describe(`a name of at most ${max} letters, digits, dots, dashes and underscores`);
const count = (max: number) => z.coerce.number().int().min(1).max(max).optional();

/** How events travel between processes. */
export class KafkaSettings extends settings({
  /** The brokers to begin with. Without them events are delivered within the process. */
  KAFKA_BROKERS: list('brokers such as kafka-1:9092', isBroker).optional(),
  /** Each domain listens as the group `<KAFKA_GROUP_ID>-<domain>`. */
  KAFKA_GROUP_ID: name(100).default('nakku'),
  /** Before the name of every topic: where several deployments, or tests, share a cluster. */
  KAFKA_TOPIC_PREFIX: name(60).optional(),
  /** Of topics that are made at the start; without them the topology's, or 6, 1 and 1. */
  KAFKA_PARTITIONS: count(1000),
  KAFKA_REPLICATION: count(9),
  KAFKA_MIN_ISR: count(9),
  /** After how long without a heartbeat, in milliseconds, a consumer's partitions go to others. */
  KAFKA_SESSION_TIMEOUT_MS: z.coerce.number().int().min(6000).max(300_000).default(10_000),
  KAFKA_SSL: z.enum(['on', 'off']).default('off'),
  /** Who vouches for the brokers' certificates (PEM), where the system's authorities do not. */
  KAFKA_SSL_CA_FILE: z.string().optional(),
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: secret().optional(),
}) {}

/** What the topics that a process makes are like. */
export interface TopicShape {
  partitions: number;
  replication: number;
  minIsr: number;
}

/** Whether events go by Kafka. */
export const usesKafka = ({ KAFKA_BROKERS }: KafkaSettings): boolean => (KAFKA_BROKERS ?? []).length > 0;

/** The shape of new topics: what the environment says, else the topology, else one broker's. Throws ConfigError when nobody could write to them. */
export function topicShape(settings: KafkaSettings, topology: Partial<TopicShape> = {}): TopicShape {
  const partitions = settings.KAFKA_PARTITIONS ?? topology.partitions ?? 6;
  const replication = settings.KAFKA_REPLICATION ?? topology.replication ?? 1;
  const minIsr = settings.KAFKA_MIN_ISR ?? Math.min(topology.minIsr ?? 1, replication);
  if (minIsr <= replication) return { partitions, replication, minIsr };
  const sentence = `KAFKA_MIN_ISR must be at most the number of copies (KAFKA_REPLICATION, ${replication}), but was ${minIsr}`;
  throw new ConfigError([{ name: 'KAFKA_MIN_ISR', sentence }]);
}

function isBroker(item: string): boolean {
  const [host, port, ...rest] = item.split(':');
  return Boolean(host) && /^\d{1,5}$/.test(port ?? '') && Number(port) < 65_536 && rest.length === 0;
}
