import { parseDocument } from 'yaml';
import { DATA, smallDeployment } from '../deployment.fixture.js';
import { renderCompose } from './index.js';
import { fileOf, textOf } from './compose.fixture.js';

const withData = (over: object) => smallDeployment([], { data: { ...DATA, ...over } });
const fileNamed = (deployment: ReturnType<typeof smallDeployment>, end: string) =>
  renderCompose(deployment).find(({ path }) => path.endsWith(end));

describe('the data in a compose file', () => {
  it('has for each broker its number, its name and a vote; all know the same voters and the same cluster', () => {
    const { services } = fileOf(smallDeployment());
    const brokers = ['kafka-1', 'kafka-2', 'kafka-3'].map((name) => services[name]!.environment!);
    expect(brokers.map(({ KAFKA_NODE_ID }) => KAFKA_NODE_ID)).toEqual(['1', '2', '3']);
    expect(brokers.map(({ KAFKA_ADVERTISED_LISTENERS }) => KAFKA_ADVERTISED_LISTENERS)).toEqual(
      ['kafka-1', 'kafka-2', 'kafka-3'].map((host) => `PLAINTEXT://${host}:9092`),
    );
    for (const one of brokers)
      expect(one).toMatchObject({
        KAFKA_CONTROLLER_QUORUM_VOTERS: '1@kafka-1:9093,2@kafka-2:9093,3@kafka-3:9093',
        CLUSTER_ID: brokers[0]!['CLUSTER_ID'],
        KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
        KAFKA_DEFAULT_REPLICATION_FACTOR: '3',
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '3',
        KAFKA_MIN_INSYNC_REPLICAS: '2',
      });
    expect(Buffer.from(brokers[0]!['CLUSTER_ID']!, 'base64url')).toHaveLength(16);
  });

  it('gives a database server its users’ passwords, and a replica only whom it follows', () => {
    const { services } = fileOf(
      withData({ database: { engine: 'mysql', replicas: 1, servers: 'per-service' }, redis: { mode: 'single' } }),
    );
    expect(services['mysql-order']!.secrets).toEqual([
      'mysql_root_password',
      'order_db_password',
      'migration_db_password',
      'backup_db_password',
      'replication_db_password',
    ]);
    expect(services['mysql-order-replica-1']).toMatchObject({
      secrets: ['mysql_root_password', 'replication_db_password'],
      depends_on: { 'mysql-order': { condition: 'service_healthy' } },
      hostname: 'mysql-order-replica-1',
    });
    expect(services['order-service']!.depends_on).toHaveProperty('mysql-order');
    expect(services['order-service']!.depends_on).not.toHaveProperty('mysql-cart');
  });

  it('does not call a database server well whose users or replication were never set up', () => {
    const [, , , check] = fileOf(smallDeployment()).services['mysql-replica-1']!.healthcheck.test!;
    expect(check).toMatch(/^\[ -f \/var\/lib\/mysql\/nakku\.set-up \] \|\|/);
    expect(check).toContain('--host=127.0.0.1');
  });

  it('does not have a process wait for a replica, without which it runs as well', () => {
    const { services } = fileOf(smallDeployment());
    expect(services['order-service']!.depends_on).not.toHaveProperty('mysql-replica-1');
  });

  it('runs MariaDB by its own names', () => {
    const { services } = fileOf(withData({ database: { engine: 'mariadb', replicas: 0 } }));
    expect(services['mysql-primary']).toMatchObject({
      image: 'mariadb:10.11',
      environment: { MARIADB_ROOT_PASSWORD_FILE: '/run/secrets/mysql_root_password' },
      healthcheck: { test: expect.arrayContaining([expect.stringContaining('mariadb-admin ping')]) },
    });
  });

  it('makes a Redis cluster once its nodes are there, and lets them find each other by name', () => {
    const deployment = smallDeployment();
    const { services } = fileOf(deployment);
    expect(services['redis-cluster-init']!.depends_on).toEqual(
      Object.fromEntries(['redis-1', 'redis-2', 'redis-3'].map((host) => [host, { condition: 'service_healthy' }])),
    );
    const start = fileNamed(deployment, 'redis/start.sh')!;
    expect(start).toMatchObject({ executable: true });
    expect(start.content).toContain('cluster-preferred-endpoint-type hostname');
    expect(start.content).toContain('requirepass $REDISCLI_AUTH\nmasterauth $REDISCLI_AUTH');
    expect(fileNamed(deployment, 'redis/cluster-init.sh')!.content).toContain('for host in redis-1 redis-2 redis-3');
  });

  it('leaves a single Redis alone', () => {
    const deployment = withData({ redis: { mode: 'single' } });
    const { services } = fileOf(deployment);
    expect(Object.keys(services).filter((name) => name.startsWith('redis'))).toEqual(['redis']);
    expect(fileNamed(deployment, 'redis/start.sh')!.content).not.toContain('cluster');
    expect(services['api-gateway']!.depends_on).toEqual({ redis: { condition: 'service_healthy' } });
  });
});

describe('the files of blue-green', () => {
  const deployment = smallDeployment();
  const blue = fileOf(deployment, 'docker-compose.blue.yml');

  it('have the processes of one colour, which call those of their own colour only', () => {
    expect(blue.name).toBe('nakku-blue');
    expect(Object.keys(blue.services)).toEqual([
      'migrate',
      'api-gateway-blue',
      'user-service-blue',
      'order-service-blue',
      'cart-service-blue',
    ]);
    for (const { environment } of Object.values(blue.services))
      for (const [name, value] of Object.entries(environment!))
        if (name.endsWith('_SERVICE_URL')) expect(value).toMatch(/^http:\/\/[a-z]+-service-blue:\d+$/);
  });

  it('run the same images, and join the network of the balancer and that of the data', () => {
    expect(blue.services['order-service-blue']!.image).toBe('nakku/order-service:${NAKKU_VERSION:-latest}');
    expect(blue.networks).toEqual({
      edge: { external: true, name: 'nakku_edge' },
      app: { internal: true },
      data: { external: true, name: 'nakku_data' },
    });
    expect(blue.services['order-service-blue']!.depends_on).toEqual({
      migrate: { condition: 'service_completed_successfully' },
    });
  });

  it('differ in the colour alone', () => {
    const green = textOf(deployment, 'docker-compose.green.yml');
    expect(
      green
        .replaceAll('green', 'blue')
        .replace('for blue-blue', 'for blue-green')
        .replace('deploy/blue-blue', 'deploy/blue-green'),
    ).toBe(textOf(deployment, 'docker-compose.blue.yml'));
  });
});

describe('the file for servers of their own', () => {
  it('replaces the networks by those of all servers, and is there only where each service has a database server', () => {
    const each = withData({ database: { engine: 'mysql', replicas: 0, servers: 'per-service' } });
    const { content } = fileNamed(each, 'docker-compose.overlay.yml')!;
    const networks = parseDocument(content, { customTags: [] });
    expect(networks.toJS()).toEqual({
      networks: Object.fromEntries(
        ['edge', 'app', 'data'].map((name) => [name, { external: true, name: `nakku_${name}` }]),
      ),
    });
    expect(content.match(/!override/g)).toHaveLength(3);
    expect(content).toContain('--no-deps mysql-order order-service');
    expect(fileNamed(smallDeployment(), 'docker-compose.overlay.yml')).toBeUndefined();
  });
});
