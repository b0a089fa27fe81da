import { describeWith, dropPrefix, freshPrefix, namesWith } from '@nakku/testing';
import { ELEVEN, Fleet } from '../processes/fleet.js';
import { leastPrivilege, type Users } from '../processes/least-privilege.js';
import { flows } from './flows.js';

describeWith(['mysqlRepl', 'kafka', 'redis'], 'on MySQL with a read replica, Kafka and Redis', (servers) => {
  const prefix = freshPrefix();
  let users: Users | undefined;

  afterAll(async () => {
    await users?.remove();
    await dropPrefix(prefix, servers.mysqlRepl, servers.kafka, servers.redis);
  });

  flows('eleven processes, each with a database user of its own', async (env) => {
    const { mysqlRepl, kafka, redis } = servers;
    users = await leastPrivilege(mysqlRepl, prefix);
    const fleet = await Fleet.of(ELEVEN, { ...users.env, ...kafka.env, ...redis.env, ...namesWith(prefix), ...env });
    return fleet.start();
  });
});
