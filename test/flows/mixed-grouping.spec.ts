import { describeWith, dropPrefix, freshPrefix, namesWith, type SqlServer } from '@nakku/testing';
import { Fleet, type Group } from '../processes/fleet.js';
import { flows } from './flows.js';

/** Some services share a process, some do not, and two of those that carry orders run twice. */
const MIXED: readonly Group[] = [
  { services: ['gateway', 'user', 'product'] },
  { services: ['order'], copies: 2 },
  { services: ['inventory'], copies: 2 },
  { services: ['cart', 'location'] },
  { services: ['payment', 'delivery', 'notification', 'analytics'] },
];
const SHARD = ['order', 'cart', 'inventory'];

/** The variables that put some services' databases on a server of their own. */
const onItsOwn = ({ host, port, user, password }: SqlServer): Record<string, string> =>
  Object.fromEntries(
    SHARD.flatMap((service) =>
      Object.entries({ HOST: host, PORT: port, USER: user, PASSWORD: password }).map(([key, value]) => [
        `${service.toUpperCase()}_DB_${key}`,
        String(value),
      ]),
    ),
  );

describeWith(
  ['mariadb', 'mysql', 'kafka', 'redisCluster'],
  'on MariaDB and a MySQL shard, Kafka and a Redis cluster',
  (servers) => {
    const prefix = freshPrefix();

    afterAll(() => dropPrefix(prefix, servers.mariadb, servers.mysql, servers.kafka, servers.redisCluster));

    flows('a mixed grouping with two copies of order and inventory', async (env) => {
      const { mariadb, mysql, kafka, redisCluster } = servers;
      const data = { ...mariadb.env, ...onItsOwn(mysql), ...kafka.env, ...redisCluster.env };
      const fleet = await Fleet.of(MIXED, { ...data, ...namesWith(prefix), ...env });
      return fleet.start();
    });
  },
);
