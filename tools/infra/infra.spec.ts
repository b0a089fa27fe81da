import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DOMAINS } from '@nakku/config';
import { grantsFor } from '@nakku/database';
import { availableServers, eventually } from '@nakku/testing';
import { createConnection, type RowDataPacket } from 'mysql2/promise';

const { cleanUp } = jest.requireActual<{ cleanUp(): void }>('./leftovers.cjs');

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

function run(script: string, args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn('bash', [join(__dirname, script), ...args], { env: { ...process.env, ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? 1, stdout, stderr })));
}

const variablesOf = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name!, value!]));

const listens = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => resolve(true));
    socket.on('connect', () => socket.destroy()).on('error', () => resolve(false));
  });

jest.setTimeout(180_000);

const here = availableServers('mysql', 'redis', 'redisCluster').length === 3;
const suite = here ? describe : describe.skip; // nothing is downloaded for a test

suite('infra:up and infra:down', () => {
  let folder: string;
  const up = (...args: string[]) => run('up.sh', ['-d', folder, '--random-ports', '--no-install', ...args]);
  const down = (...args: string[]) => run('down.sh', ['-d', folder, ...args]);

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nakku-infra-spec-'))));
  afterEach(async () => {
    await down('--purge');
    rmSync(folder, { recursive: true, force: true });
  });

  it('start a server, print its variables, and say the second time that it runs already', async () => {
    const first = await up('redis');
    expect(first).toMatchObject({ code: 0, stderr: expect.stringMatching(/redis is up: Redis [\d.]+, 127/) });
    const { REDIS_URL } = variablesOf(first.stdout);
    expect(await listens(REDIS_URL!)).toBe(true);

    const second = await up('redis');
    expect(second).toMatchObject({ code: 0, stderr: expect.stringContaining('redis runs already') });
    expect(second.stdout).toBe(first.stdout);
    expect(readFileSync(join(folder, 'env'), 'utf8')).toBe(first.stdout);
  });

  it('start one server for two who ask at once', async () => {
    const both = await Promise.all([up('redis'), up('redis')]);
    expect(both[0].stdout).toBe(both[1].stdout);
    expect(both.filter(({ stderr }) => stderr.includes('runs already'))).toHaveLength(1);
  });

  it('bring a server back where it was, with its data, until it is purged', async () => {
    const before = variablesOf((await up('mysql')).stdout);
    await asRoot(before, 'CREATE DATABASE nakku_order');
    expect(await down()).toMatchObject({ code: 0, stderr: expect.stringContaining('stopped: mysql') });
    expect(existsSync(join(folder, 'env'))).toBe(false);
    const after = variablesOf((await up('mysql')).stdout);
    expect(after).toEqual(before);
    expect(await asRoot(after, "SHOW DATABASES LIKE 'nakku%'")).toHaveLength(1);

    await down('--purge');
    expect(existsSync(folder)).toBe(false);
  });

  it('take one of several down', async () => {
    const { REDIS_URL, REDIS_CLUSTER_NODES } = variablesOf((await up('redis', 'redis-cluster')).stdout);
    await down('redis');
    expect(await listens(REDIS_URL!)).toBe(false);
    expect(await listens(`redis://${REDIS_CLUSTER_NODES!.split(',')[0]}`)).toBe(true);
    expect(variablesOf(readFileSync(join(folder, 'env'), 'utf8'))).toEqual({ REDIS_CLUSTER_NODES });
  });

  it('end a server with the process that it was started for, however that ended', async () => {
    const owner = spawn('sleep', ['600'], { stdio: 'ignore' });
    const { REDIS_URL } = variablesOf((await up('--owner', String(owner.pid), 'redis')).stdout);
    expect(await listens(REDIS_URL!)).toBe(true);
    owner.kill('SIGKILL');
    await eventually('the end of the server', async () => !existsSync(folder));
    expect(await listens(REDIS_URL!)).toBe(false);
  });

  it('say in one line which servers there are', async () => {
    const { code, stderr } = await up('postgres');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^infra: there is no server "postgres"; there are: kafka .*redis-cluster\n$/);
  });

  it('say in one line what is not on this machine, and how to get it', async () => {
    const nothing = { NAKKU_CACHE: join(folder, 'cache') };
    const line = 'infra: not on this machine: kafka (npm run infra:install -- kafka)\n';
    expect(await run('install.sh', ['--check', 'kafka3', 'kafka'], nothing)).toMatchObject({ code: 1, stderr: line });
    const args = ['-d', join(folder, 'run'), '--no-install', 'kafka3'];
    expect(await run('up.sh', args, nothing)).toMatchObject({ code: 1, stderr: line });
  });
});

suite('the SQL users of infra:up', () => {
  let folder: string;
  let variables: Record<string, string>;
  const as = (user: string, password: string, statement: string) => asUser(variables, user, password, statement);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nakku-infra-spec-'));
    variables = variablesOf((await run('up.sh', ['-d', folder, '--random-ports', 'mysql'])).stdout);
    const { DB_MIGRATION_USER, DB_MIGRATION_PASSWORD } = variables;
    for (const domain of ['order', 'user']) {
      await as(DB_MIGRATION_USER!, DB_MIGRATION_PASSWORD!, `CREATE DATABASE nakku_${domain}`);
      await as(DB_MIGRATION_USER!, DB_MIGRATION_PASSWORD!, `CREATE TABLE nakku_${domain}.rows_of (id int)`);
    }
  });
  afterAll(() => run('down.sh', ['-d', folder, '--purge']));

  it('read and write their own database only, and change no table', async () => {
    const order = (statement: string) => as(variables.ORDER_DB_USER!, variables.ORDER_DB_PASSWORD!, statement);
    await order('INSERT INTO nakku_order.rows_of VALUES (1)');
    expect(await order('SELECT id FROM nakku_order.rows_of')).toEqual([{ id: 1 }]);
    await expect(order('SELECT id FROM nakku_user.rows_of')).rejects.toThrow('denied');
    await expect(order('DROP TABLE nakku_order.rows_of')).rejects.toThrow('denied');
  });

  it('are one for each domain, with the rights that libs/database writes down', async () => {
    const shown = async (user: string): Promise<string[]> =>
      (await asRoot(variables, `SHOW GRANTS FOR '${user}'@'%'`)).map((row) => String(Object.values(row)[0]));
    const names = [...DOMAINS.map((domain) => variables[`${domain.toUpperCase()}_DB_USER`]!), 'nakku_migrate'];
    const given = await Promise.all(names.map(shown));
    const services = DOMAINS.map((domain, index) => ({
      user: names[index]!,
      password: variables[`${domain.toUpperCase()}_DB_PASSWORD`]!,
      database: `nakku_${domain}`,
    }));
    const migrator = { user: 'nakku_migrate', password: variables.DB_MIGRATION_PASSWORD! };
    for (const name of names) await asRoot(variables, `REVOKE ALL, GRANT OPTION FROM '${name}'@'%'`);
    for (const statement of grantsFor({ services, migrator })) await asRoot(variables, statement);
    expect(await Promise.all(names.map(shown))).toEqual(given);
  });

  it('write to a server that keeps what it has acknowledged, though the power fails', async () => {
    expect(await asRoot(variables, 'SELECT @@innodb_flush_log_at_trx_commit AS log, @@sync_binlog AS bin')).toEqual([
      { log: 1, bin: 1 },
    ]);
  });
});

suite('what a killed test run left', () => {
  it('is taken away by the next', async () => {
    const owner = spawn('sleep', ['600'], { stdio: 'ignore' });
    const folder = mkdtempSync(join(tmpdir(), 'nakku-servers-'));
    const { REDIS_URL } = variablesOf((await run('up.sh', ['-d', folder, '--random-ports', 'redis'])).stdout);
    const started = readFileSync(`/proc/${owner.pid}/stat`, 'utf8').split(' ')[21];
    writeFileSync(join(folder, 'owner'), `${owner.pid} ${started}\n`);
    cleanUp();
    expect(await listens(REDIS_URL!)).toBe(true);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    cleanUp();
    expect(await listens(REDIS_URL!)).toBe(false);
    expect(existsSync(folder)).toBe(false);
  });
});

async function asUser(
  { DB_HOST, DB_PORT }: Record<string, string>,
  user: string,
  password: string,
  statement: string,
): Promise<RowDataPacket[]> {
  const connection = await createConnection({ host: DB_HOST, port: Number(DB_PORT), user, password });
  return queryOnce(connection, statement);
}

async function asRoot(variables: Record<string, string>, statement: string): Promise<RowDataPacket[]> {
  const connection = await createConnection({ user: 'root', socketPath: variables.MYSQL_ROOT_SOCKET });
  return queryOnce(connection, statement);
}

async function queryOnce(
  connection: Awaited<ReturnType<typeof createConnection>>,
  statement: string,
): Promise<RowDataPacket[]> {
  try {
    return (await connection.query<RowDataPacket[]>(statement))[0];
  } finally {
    await connection.end();
  }
}
