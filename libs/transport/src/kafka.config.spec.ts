import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, Environment } from '@nakku/config';
import { logLevel } from 'kafkajs';
import { kafkaConfig, toOurs } from './kafka.config.js';
import { KafkaSettings, topicShape, usesKafka } from './kafka.settings.js';

const settingsOf = (env: Record<string, string>) => new Environment(env).get(KafkaSettings);
const configOf = (env: Record<string, string>) =>
  kafkaConfig(settingsOf({ KAFKA_BROKERS: 'k1:9092', ...env }), ['order']);

describe('the settings of Kafka', () => {
  it('are off without brokers', () => {
    expect(usesKafka(settingsOf({}))).toBe(false);
    expect(usesKafka(settingsOf({ KAFKA_BROKERS: 'k1:9092, k2:9092' }))).toBe(true);
  });

  it.each(['k1', 'k1:x', ':9092', 'k1:70000'])('refuse the broker %s', (broker) => {
    expect(() => settingsOf({ KAFKA_BROKERS: broker })).toThrow(
      `KAFKA_BROKERS must be a comma-separated list of brokers such as kafka-1:9092, but was "${broker}"`,
    );
  });

  it('shape new topics as the environment says, else the topology, else for one broker', () => {
    expect(topicShape(settingsOf({}))).toEqual({ partitions: 6, replication: 1, minIsr: 1 });
    const topology = { partitions: 12, replication: 3, minIsr: 2 };
    expect(topicShape(settingsOf({ KAFKA_PARTITIONS: '4' }), topology)).toEqual({ ...topology, partitions: 4 });
  });

  it('refuse topics that nobody could write to', () => {
    expect(() => topicShape(settingsOf({ KAFKA_MIN_ISR: '2' }))).toThrow(
      'KAFKA_MIN_ISR must be at most the number of copies (KAFKA_REPLICATION, 1), but was 2',
    );
    expect(topicShape(settingsOf({ KAFKA_REPLICATION: '1' }), { replication: 3, minIsr: 2 }).minIsr).toBe(1);
  });

  it('name the services to the brokers', () => {
    expect(kafkaConfig(settingsOf({ KAFKA_BROKERS: 'k1:9092' }), ['order', 'cart'])).toMatchObject({
      brokers: ['k1:9092'],
      clientId: 'nakku.order.cart',
    });
  });

  it('turn to TLS with the system’s authorities, or with one’s own', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nakku-test-'));
    const file = join(folder, 'ca.pem');
    writeFileSync(file, 'a certificate');
    expect(configOf({}).ssl).toBeUndefined();
    expect(configOf({ KAFKA_SSL: 'on' }).ssl).toBe(true);
    expect(configOf({ KAFKA_SSL: 'on', KAFKA_SSL_CA_FILE: file }).ssl).toEqual({ ca: ['a certificate'] });
    rmSync(folder, { recursive: true });
  });

  it('turn to SASL', () => {
    const login = { KAFKA_SASL_USERNAME: 'nakku', KAFKA_SASL_PASSWORD: 'secret' };
    expect(configOf({ KAFKA_SASL_MECHANISM: 'scram-sha-512', ...login }).sasl).toEqual({
      mechanism: 'scram-sha-512',
      username: 'nakku',
      password: 'secret',
    });
  });

  it.each([
    [{ KAFKA_SSL_CA_FILE: '/nowhere' }, 'KAFKA_SSL must be on when KAFKA_SSL_CA_FILE is set'],
    [
      { KAFKA_SSL: 'on', KAFKA_SSL_CA_FILE: '/nowhere' },
      'KAFKA_SSL_CA_FILE must be a file that can be read, but ENOENT',
    ],
    [{ KAFKA_SASL_USERNAME: 'nakku' }, 'KAFKA_SASL_MECHANISM must be set when a username is'],
    [{ KAFKA_SASL_MECHANISM: 'plain' }, 'KAFKA_SASL_USERNAME must be set when KAFKA_SASL_MECHANISM is'],
    [
      { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'nakku' },
      'KAFKA_SASL_PASSWORD must be set when KAFKA_SASL_MECHANISM is',
    ],
  ])('stop the start with one line when they do not go together: %j', (env, line) => {
    expect(() => configOf(env)).toThrow(new ConfigError([{ name: line.split(' ')[0]!, sentence: line }]));
  });
});

describe('what kafkajs logs', () => {
  const entry = (level: logLevel, message: string) => ({
    namespace: 'Connection',
    level,
    label: '',
    log: { timestamp: '', message, broker: 'k1:9092' },
  });

  it('is never an error, and the same warning comes once in a while', () => {
    const logger = { warn: jest.fn(), debug: jest.fn() };
    const log = toOurs(logger);
    for (let time = 0; time < 3; time++) log(entry(logLevel.ERROR, 'Connection error: ECONNREFUSED'));
    log(entry(logLevel.WARN, 'rejoining'));
    log(entry(logLevel.ERROR, 'Response Metadata(key: 3, version: 6)'));
    expect(logger.warn.mock.calls).toEqual([[{ broker: 'k1:9092' }, 'Connection: Connection error: ECONNREFUSED']]);
    expect(logger.debug).toHaveBeenCalledTimes(4);
  });
});
