import { smallDeployment, TWELFTH } from './deployment.fixture.js';
import { environmentOf, secretsOf } from './environment.js';
import { render } from './render.js';

describe('a deployment', () => {
  const processOf = (deployment: ReturnType<typeof smallDeployment>, name: string) =>
    deployment.processes.find((process) => process.name === name)!;

  it('names hosts as the guide does, and gives each process the addresses of those that it calls alone', () => {
    const deployment = smallDeployment();
    expect(deployment.processes.map(({ app }) => app)).toEqual([
      'api-gateway',
      'user-service',
      'order-service',
      'cart-service',
    ]);
    const order = environmentOf(deployment, processOf(deployment, 'order'));
    expect(order).toMatchObject({
      SERVICES: 'order',
      PORT: '8084',
      ORDER_DB_HOST: 'mysql-primary',
      ORDER_DB_USER: 'nakku_order',
      ORDER_DB_REPLICA_HOSTS: 'mysql-replica-1:3306',
      CART_SERVICE_URL: 'http://cart-service:8085',
      KAFKA_BROKERS: 'kafka-1:9092,kafka-2:9092,kafka-3:9092',
    });
    expect(order).not.toHaveProperty('USER_DB_HOST');
    expect(environmentOf(deployment, processOf(deployment, 'cart'))).not.toHaveProperty('USER_SERVICE_URL');
  });

  it('keeps the key that signs tokens to the process that signs them', () => {
    const deployment = smallDeployment();
    const secrets = (name: string) => secretsOf(deployment, processOf(deployment, name)).map((need) => need.name);
    expect(secrets('user')).toContain('jwt_private_key');
    expect(secrets('order')).not.toContain('jwt_private_key');
    expect(secrets('order').filter((name) => name.endsWith('_db_password'))).toEqual(['order_db_password']);
    expect(secrets('gateway').filter((name) => name.endsWith('_db_password'))).toEqual([]);
  });

  it('has a server for each database, or one for each shard, where the topology says so', () => {
    const data = (database: object) => ({ data: { ...smallDeployment().topology.data, database } });
    const hosts = (database: object) => smallDeployment([], data(database)).databases.map(({ host }) => host);
    expect(hosts({ engine: 'mysql', replicas: 0, servers: 'per-service', shards: undefined })).toEqual([
      'mysql-user',
      'mysql-order',
      'mysql-cart',
    ]);
    const shards = [
      { name: 'shard-1', services: ['user'] },
      { name: 'shard-2', services: ['order', 'cart'] },
    ];
    expect(hosts({ engine: 'mysql', replicas: 0, shards })).toEqual(['mysql-shard-1', 'mysql-shard-2']);
  });

  it('renders the same bytes each time, a path once', () => {
    const first = render(smallDeployment([TWELFTH]));
    expect(render(smallDeployment([TWELFTH]))).toEqual(first);
    expect(new Set(first.map(({ path }) => path)).size).toBe(first.length);
  });
});
