import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Variables = Record<string, string>;
interface Place {
  name: string;
  port: number;
  services: string[];
  env: Variables;
}
interface Plan {
  planOf(topology: object, options: { name: string; only?: string[]; variables: Variables }): Place[];
  readTopology(name: string): { processes: object[] };
}
interface Servers {
  checkServers(topology: object, variables: Variables): Promise<void>;
  notesOn(topology: object, variables: Variables): string[];
  variablesOf(file: string, shell: Variables): Variables;
}
const { planOf, readTopology } = jest.requireActual<Plan>('./plan.cjs');
const { checkServers, notesOn, variablesOf } = jest.requireActual<Servers>('./servers.cjs');

const PAIR = {
  processes: [
    { name: 'gateway', port: 8080, services: ['gateway'] },
    { name: 'shop', port: 8081, services: ['cart', 'order'], replicas: 2 },
  ],
};

describe('the processes of a topology', () => {
  it('are eleven in service-per-server, each on its usual port, and know where the others are', () => {
    const places = planOf(readTopology('service-per-server'), { name: 'service-per-server', variables: {} });
    expect(places.map(({ port }) => port)).toEqual(Array.from({ length: 11 }, (_, index) => 8080 + index));
    for (const { env, port, services } of places)
      expect(env).toMatchObject({
        TOPOLOGY: 'service-per-server',
        SERVICES: services.join(','),
        PORT: String(port),
        ORDER_SERVICE_URL: 'http://127.0.0.1:8084',
        DB_MIGRATE: 'never',
      });
  });

  it('have copies on ports of their own, and everybody knows all of them', () => {
    const places = planOf(PAIR, { name: 'pair', variables: {} });
    expect(places.map(({ name, port }) => `${name} ${port}`)).toEqual(['gateway 8080', 'shop 8081', 'shop-2 8082']);
    expect(places[0]!.env.CART_SERVICE_URL).toBe('http://127.0.0.1:8081,http://127.0.0.1:8082');
    const ports = planOf(readTopology('clustered'), { name: 'clustered', variables: {} }).map(({ port }) => port);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it('can be some only, which still know where the others would be', () => {
    const places = planOf(PAIR, { name: 'pair', only: ['order'], variables: {} });
    expect(places.map(({ name }) => name)).toEqual(['shop', 'shop-2']);
    expect(() => planOf(PAIR, { name: 'pair', only: ['user'], variables: {} })).toThrow(
      'gateway, cart, order, but has user',
    );
  });

  it('get the passwords of their own services only, and never that of the migration', () => {
    const variables = {
      DB_HOST: 'db',
      ORDER_DB_PASSWORD: 'o',
      CART_DB_USER: 'c',
      USER_DB_PASSWORD: 'u',
      USER_DB_HOST: 'db-2',
      DB_MIGRATION_PASSWORD: 'm',
      ORDER_DB_MIGRATION_USER: 'm',
    };
    const [gateway, shop] = planOf(PAIR, { name: 'pair', variables });
    expect(Object.keys(gateway!.env).filter((name) => name.includes('DB_'))).toEqual([
      'DB_HOST',
      'USER_DB_HOST',
      'DB_MIGRATE',
    ]);
    expect(shop!.env).toMatchObject({ DB_HOST: 'db', ORDER_DB_PASSWORD: 'o', CART_DB_USER: 'c' });
    expect(Object.keys(shop!.env).filter((name) => /USER_DB_P|MIGRATION/.test(name))).toEqual([]);
  });

  it('keep to themselves, but for the gateway, unless the shell says otherwise', () => {
    const hosts = (variables: Variables) => planOf(PAIR, { name: 'pair', variables }).map(({ env }) => env.HOST);
    expect(hosts({})).toEqual(['0.0.0.0', '127.0.0.1', '127.0.0.1']);
    expect(hosts({ HOST: '::' })).toEqual(['::', '::', '::']);
  });

  it('are refused in one line when there is no such topology', () => {
    expect(() => readTopology('none')).toThrow(/^there is no topology "none"; there are: .*service-per-server/);
  });
});

describe('the servers behind them', () => {
  let server: Server;
  let address: string;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nakku-split-'));
    server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  const known = () => ({
    KAFKA_BROKERS: address,
    DB_HOST: '127.0.0.1',
    DB_PORT: address.split(':')[1]!,
    REDIS_URL: `redis://${address}/0`,
  });

  it('come from the env file, and the shell goes before it', () => {
    writeFileSync(join(folder, 'env'), "export DB_HOST='127.0.0.1'\nexport DB_PORT='3307'\n");
    expect(variablesOf(join(folder, 'env'), { DB_PORT: '1' })).toEqual({ DB_HOST: '127.0.0.1', DB_PORT: '1' });
    expect(variablesOf(join(folder, 'nothing'), { A: '1' })).toEqual({ A: '1' });
  });

  it('are good when all of them answer', async () => {
    await expect(checkServers(PAIR, known())).resolves.toBeUndefined();
  });

  it('are missed by name, with the command that starts them', async () => {
    await expect(checkServers(PAIR, { DB_HOST: '127.0.0.1' })).rejects.toThrow(
      'KAFKA_BROKERS, REDIS_URL is not set: npm run infra:up -- kafka mysql redis',
    );
  });

  it('are missed when nobody answers there', async () => {
    await expect(checkServers(PAIR, { ...known(), DB_PORT: '1' })).rejects.toThrow('nobody answers at 127.0.0.1:1');
  });

  it('must be as many as the topology keeps copies of events', async () => {
    await expect(checkServers(readTopology('clustered'), known())).rejects.toThrow(
      /keeps 3 copies of each event, and Kafka has 1 broker: npm run infra:up -- kafka3 mysql-repl redis-cluster/,
    );
  });
});

describe('a topology with several database servers', () => {
  it('is told apart from one, unless the services are given theirs', () => {
    const sharded = readTopology('sharded');
    expect(notesOn(sharded, { DB_HOST: 'db' })).toEqual([expect.stringContaining('3 database servers; here all')]);
    expect(notesOn(sharded, { ORDER_DB_HOST: 'db-2' })).toEqual([]);
    expect(notesOn(readTopology('clustered'), { DB_HOST: 'db' })).toEqual([]);
  });
});

describe('npm run start:split', () => {
  const run = (args: string[], env: Variables) =>
    new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, [join(__dirname, 'split.cjs'), ...args], { env }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, stdout, stderr }),
      );
    });
  const NOWHERE = { PATH: process.env.PATH!, KAFKA_BROKERS: '', DB_HOST: '', REDIS_URL: '', REDIS_CLUSTER_NODES: '' };

  it('explains itself', async () => {
    const { code, stdout } = await run(['--help'], NOWHERE);
    expect(code).toBe(0);
    expect(stdout).toContain('--topology NAME');
  });

  it.each([
    [[], 'npm run infra:up -- kafka mysql redis'],
    [['--topology', 'nothing'], 'there is no topology "nothing"'],
    [['--colour'], "Unknown option '--colour'"],
  ])('says in one line why it does not start: %j', async (args, why) => {
    const { code, stderr } = await run(args, NOWHERE);
    expect(code).toBe(1);
    expect(stderr).toContain(why);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
