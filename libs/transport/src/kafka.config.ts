import { readFileSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { ConfigError } from '@nakku/config';
import { type KafkaConfig, type LogEntry, logLevel, type SASLOptions } from 'kafkajs';
import type { KafkaSettings } from './kafka.settings.js';

const CONNECT_MS = 5000;
const REQUEST_MS = 15_000;
const SAME_AGAIN_MS = 10_000;

/** What kafkajs is given: brokers, TLS, SASL and where it logs. Throws ConfigError for settings that do not go together. */
export function kafkaConfig(settings: KafkaSettings, services: readonly string[]): KafkaConfig {
  return {
    brokers: settings.KAFKA_BROKERS ?? [],
    clientId: ['nakku', ...services].join('.'),
    ssl: tls(settings),
    sasl: sasl(settings),
    connectionTimeout: CONNECT_MS,
    requestTimeout: REQUEST_MS,
    retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1000 },
    logLevel: logLevel.WARN,
    logCreator: () => toOurs(new Logger('kafka')),
  };
}

function tls({ KAFKA_SSL, KAFKA_SSL_CA_FILE }: KafkaSettings): KafkaConfig['ssl'] {
  if (KAFKA_SSL === 'off' && KAFKA_SSL_CA_FILE) throw wrong('KAFKA_SSL', 'must be on when KAFKA_SSL_CA_FILE is set');
  if (KAFKA_SSL === 'off') return undefined;
  return KAFKA_SSL_CA_FILE ? { ca: [pem(KAFKA_SSL_CA_FILE)] } : true;
}

function pem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw wrong('KAFKA_SSL_CA_FILE', `must be a file that can be read, but ${(error as NodeJS.ErrnoException).code}`);
  }
}

function sasl(settings: KafkaSettings): SASLOptions | undefined {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = settings;
  if (!mechanism && (username ?? password)) throw wrong('KAFKA_SASL_MECHANISM', 'must be set when a username is');
  if (!mechanism) return undefined;
  if (!username) throw wrong('KAFKA_SASL_USERNAME', 'must be set when KAFKA_SASL_MECHANISM is');
  if (!password) throw wrong('KAFKA_SASL_PASSWORD', 'must be set when KAFKA_SASL_MECHANISM is');
  return { mechanism, username, password };
}

const wrong = (name: string, what: string): ConfigError => new ConfigError([{ name, sentence: `${name} ${what}` }]);

/**
 * kafkajs calls an error what it will try again (a broker that restarts, a leader that is elected), once for each client and try.
 * That is a warning at most, and the same one only from time to time; what it gives up, we hear as a rejection and say ourselves.
 */
export function toOurs(logger: Pick<Logger, 'warn' | 'debug'>): (entry: LogEntry) => void {
  const said = new Map<string, number>();
  return ({ namespace, level, log }) => {
    const { message, timestamp: _at, logger: _kafkajs, stack: _stack, ...rest } = log;
    const line = `${namespace}: ${message}`;
    const again = Date.now() - (said.get(line) ?? 0) < SAME_AGAIN_MS;
    // Whoever asked hears what a broker answers, and says it if it matters.
    const answered = namespace === 'Connection' && message.startsWith('Response ');
    if (level > logLevel.ERROR || again || answered) return logger.debug(rest, line);
    if (said.size > 1000) said.clear();
    said.set(line, Date.now());
    logger.warn(rest, line);
  };
}
