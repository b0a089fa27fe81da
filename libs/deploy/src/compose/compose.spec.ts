import { DATA, smallDeployment, TWELFTH } from '../deployment.fixture.js';
import { growingDeployment } from '../kubernetes/growing.fixture.js';
import { renderCompose } from './index.js';
import { fileOf, isJob, type RenderedFile, textOf } from './compose.fixture.js';

const data = (over: object) => ({ data: { ...DATA, ...over } });
const ONE_PROCESS = {
  data: undefined,
  processes: [
    {
      name: 'nakku',
      port: 8080,
      services: ['gateway', 'user', 'order', 'cart'],
      replicas: 1,
      resources: { memoryMb: 1024, cpu: 1 },
    },
  ],
};
/** One of each kind of deployment. */
const KINDS = {
  'a cluster': smallDeployment(),
  'one process': smallDeployment([], ONE_PROCESS),
  'a database server each': smallDeployment(
    [],
    data({ database: { engine: 'mysql', replicas: 1, servers: 'per-service' }, redis: { mode: 'single' } }),
  ),
  'MariaDB, HAProxy and Consul': smallDeployment([], {
    ...data({ database: { engine: 'mariadb', replicas: 1 } }),
    balancer: { kind: 'haproxy' },
    discovery: 'consul',
  }),
};
const servicesOf = ({ services }: RenderedFile) => Object.entries(services);
const named = (volumes: readonly string[] = []) => volumes.filter((volume) => /^[a-z]/.test(volume));

describe.each(Object.entries(KINDS))('the compose file of %s', (_, deployment) => {
  const file = fileOf(deployment);

  it.each(servicesOf(file))('runs %s without root, rights, or anything to write to but what is mounted', (_, one) => {
    expect(one.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(one).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(one.tmpfs).toContain('/tmp:mode=1777');
  });

  it.each(servicesOf(file))('gives %s memory, CPU and processes, and no more', (_, { deploy }) => {
    expect(deploy.resources.limits).toEqual({
      cpus: expect.any(String),
      memory: expect.stringMatching(/^\d+M$/),
      pids: expect.any(Number),
    });
    expect(parseInt(String(deploy.resources.limits['memory']), 10)).toBeGreaterThan(
      parseInt(String(deploy.resources.reservations['memory']), 10),
    );
  });

  it('makes V8 collect its garbage well below the memory limit', () => {
    const processes = servicesOf(file).filter(([, { environment }]) => environment?.['SERVICES']);
    const shares = processes.map(([, { environment, deploy }]) => {
      const heapMb = Number(/^--max-old-space-size=(\d+)$/.exec(environment!['NODE_OPTIONS']!)?.[1]);
      return heapMb / parseInt(String(deploy.resources.limits['memory']), 10);
    });
    expect(shares.length).toBeGreaterThan(0);
    for (const share of shares) expect(share).toBeCloseTo(0.6, 1);
  });

  it('starts again what should run, and knows whether it is well; what ends by itself is not asked', () => {
    for (const [name, one] of servicesOf(file)) {
      if (name === 'migrate') expect(one).toMatchObject({ restart: 'no', healthcheck: { disable: true } });
      else if (!isJob(name))
        expect([name, one.restart, one.healthcheck.test?.[0]]).toEqual([name, 'unless-stopped', 'CMD']);
    }
  });

  it('has no secret in it: every variable for one names a file that is mounted there', () => {
    for (const [name, { environment = {}, secrets = [] }] of servicesOf(file)) {
      for (const [variable, value] of Object.entries(environment)) {
        if (/_FILE$/.test(variable)) expect([name, secrets]).toEqual([name, expect.arrayContaining([value.slice(13)])]);
        else expect([name, variable]).not.toEqual([name, expect.stringMatching(/PASSWORD|SECRET|TOKEN|KEY/)]);
      }
    }
    expect(textOf(deployment)).not.toMatch(/redis:\/\/|-----BEGIN/);
  });

  it('declares every network, volume and secret that is used, and no other', () => {
    const all = Object.values(file.services);
    const sorted = (items: string[]) => [...new Set(items)].sort();
    expect(Object.keys(file.networks).sort()).toEqual(sorted(all.flatMap(({ networks }) => networks)));
    expect(Object.keys(file.volumes ?? {}).sort()).toEqual(
      sorted(all.flatMap(({ volumes }) => named(volumes).map((volume) => volume.split(':')[0]!))),
    );
    expect(Object.keys(file.secrets).sort()).toEqual(sorted(all.flatMap(({ secrets = [] }) => secrets)));
  });

  it('waits only for services that it has: for jobs to be done, for others to be well', () => {
    for (const [name, { depends_on = {} }] of servicesOf(file)) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        expect([name, Object.keys(file.services)]).toEqual([name, expect.arrayContaining([other])]);
        const wanted = isJob(other) ? 'service_completed_successfully' : 'service_healthy';
        if (file.services[name]!.ports === undefined) expect([name, other, condition]).toEqual([name, other, wanted]);
      }
    }
  });

  it('publishes nothing but the balancer, on ports of the operator’s choice', () => {
    const published = servicesOf(file).filter(([, { ports }]) => ports);
    expect(published.map(([name, { ports }]) => [name, ports])).toEqual([
      [deployment.topology.balancer.kind, ['${HTTP_PORT:-80}:80', '${HTTPS_PORT:-443}:443']],
    ]);
  });
});

describe('a compose file', () => {
  const file = fileOf(KINDS['a cluster']);

  it('lets only the gateways meet the balancer, and the data nobody outside', () => {
    const onEdge = servicesOf(file).filter(([, { networks }]) => networks.includes('edge'));
    expect(onEdge.map(([name]) => name)).toEqual(['nginx', 'api-gateway']);
    expect(file.networks).toEqual({ edge: {}, app: { internal: true }, data: { internal: true } });
    expect(file.services['kafka-1']!.networks).toEqual(['data']);
  });

  it('gives a process longer to stop than it takes', () => {
    expect(file.services['order-service']!.stop_grace_period).toBe('30s');
  });

  it('starts as many copies as the topology says, without a name or a place that only one could have', () => {
    expect(file.services['api-gateway']!.deploy.replicas).toBe(3);
    expect(file.services['api-gateway']).not.toHaveProperty('container_name');
    expect(file.services['api-gateway']!.ports).toBeUndefined();
  });

  it('migrates before a process with a database starts, and as nobody else', () => {
    const { order, cart, gateway } = {
      order: file.services['order-service']!,
      cart: file.services['cart-service']!,
      gateway: file.services['api-gateway']!,
    };
    for (const one of [order, cart])
      expect(one.depends_on).toMatchObject({ migrate: { condition: 'service_completed_successfully' } });
    expect(gateway.depends_on).not.toHaveProperty('migrate');
    expect(file.services['migrate']).toMatchObject({
      command: ['nakku', 'migrate', 'up'],
      environment: { ORDER_DB_USER: 'nakku_migration', DB_PASSWORD_FILE: '/run/secrets/migration_db_password' },
      secrets: ['migration_db_password'],
    });
  });

  it('keeps the embedded stores of a single process in a volume', () => {
    const { services } = fileOf(KINDS['one process']);
    expect(Object.keys(services)).toEqual(['nginx', 'nakku']);
    expect(services['nakku']).toMatchObject({
      volumes: ['nakku:/var/lib/nakku'],
      environment: { DATA_DIR: '/var/lib/nakku' },
      networks: ['edge'],
    });
  });

  it('is called as in the guide where it carries production, and is not there for Kubernetes', () => {
    const paths = renderCompose({ ...smallDeployment(), name: 'clustered' }).map(({ path }) => path);
    expect(paths).toContain('rendered/clustered/docker-compose.prod.yml');
    expect(renderCompose(growingDeployment())).toEqual([]);
  });

  it('knows a twelfth service once it is in the topology, and so do those that call it', () => {
    const caller = { ...TWELFTH, name: 'loyalty', calls: ['order'] };
    const { services, secrets } = fileOf(smallDeployment([caller]));
    expect(services['loyalty-service']).toMatchObject({
      image: 'nakku/loyalty-service:${NAKKU_VERSION:-latest}',
      environment: { SERVICES: 'loyalty', PORT: '8091', ORDER_SERVICE_URL: 'http://order-service:8084' },
    });
    expect(services['api-gateway']!.environment).toMatchObject({
      LOYALTY_SERVICE_URL: 'http://loyalty-service:8091',
    });
    expect(services['cart-service']!.environment).not.toHaveProperty('LOYALTY_SERVICE_URL');
    expect(services['migrate']!.environment).toMatchObject({ LOYALTY_DB_HOST: 'mysql-primary' });
    expect(services['mysql-primary']!.secrets).toContain('loyalty_db_password');
    expect(secrets['loyalty_db_password']).toEqual({ file: '${SECRETS_DIR:-../../secrets}/loyalty_db_password' });
  });
});
