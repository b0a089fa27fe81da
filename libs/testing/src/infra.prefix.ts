import { randomBytes } from 'node:crypto';
import { Cluster, Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import type { KafkaServer, RedisClusterServer, RedisServer, SqlServer } from './infra.servers.js';

type AnyServer = SqlServer | KafkaServer | RedisServer | RedisClusterServer;

/** A name that no other test has; databases may begin with it on the servers of requireServers. At most 16 characters: letters, digits, `_`. */
export const freshPrefix = (): string => `app_${randomBytes(5).toString('hex')}`;

/** The variables by which Nakku keeps to what is a prefix's own: its databases, topics, consumer groups and Redis keys. */
export const namesWith = (prefix: string): Record<string, string> => ({
  DB_NAME: prefix,
  KAFKA_TOPIC_PREFIX: `${prefix}-`,
  KAFKA_GROUP_ID: prefix,
  REDIS_PREFIX: `${prefix}:`,
});

/** Drops the databases, topics, consumer groups and Redis keys whose names begin with the prefix. Stop whoever uses them first. */
export async function dropPrefix(prefix: string, ...servers: readonly AnyServer[]): Promise<void> {
  await Promise.all(
    servers.map((server) => {
      if ('engine' in server) return dropDatabases(prefix, server);
      if ('brokers' in server) return dropTopics(prefix, server);
      return dropKeys(prefix, server);
    }),
  );
}

async function dropDatabases(prefix: string, { host, port, user, password }: SqlServer): Promise<void> {
  const connection = await createConnection({ host, port, user, password });
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      'SELECT schema_name AS name FROM information_schema.schemata WHERE LEFT(schema_name, ?) = ?',
      [prefix.length, prefix],
    );
    for (const { name } of rows) await connection.query('DROP DATABASE ??', [name]);
  } finally {
    await connection.end();
  }
}

async function dropTopics(prefix: string, { brokers }: KafkaServer): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const { groups } = await admin.listGroups();
    const mine = groups.map(({ groupId }) => groupId).filter((id) => id.startsWith(prefix));
    // One with a member left cannot be deleted; it holds nothing but offsets.
    if (mine.length > 0) await admin.deleteGroups(mine).catch(() => undefined);
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  } finally {
    await admin.disconnect();
  }
}

async function dropKeys(prefix: string, server: RedisServer | RedisClusterServer): Promise<void> {
  const client = 'url' in server ? new Redis(server.url) : new Cluster([...server.nodes]);
  try {
    const masters = client instanceof Cluster ? await mastersOf(client) : [client];
    for (const master of masters)
      for await (const keys of master.scanStream({ match: `${prefix}*`, count: 1000 }) as AsyncIterable<string[]>)
        await Promise.all(keys.map((key) => client.unlink(key)));
  } finally {
    client.disconnect();
  }
}

async function mastersOf(cluster: Cluster): Promise<Redis[]> {
  await cluster.ping(); // it knows its nodes once it has answered
  return cluster.nodes('master');
}
