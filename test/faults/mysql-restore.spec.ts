import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describeWith, eventually, ownServer } from '@nakku/testing';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { ROOT } from '../processes/readme.js';

const SCRIPTS = join(ROOT, 'deploy', 'backup');
const PROGRAMS = ['mysql', 'mysqldump', 'mysqlbinlog'];
const PASSWORD = String.raw`back\up "secret"`;
const USER = `'nakku_backup'@'%'`;

/** The client programs that belong to the test's server, on a PATH of their own. */
function programs(folder: string): string {
  mkdirSync(folder);
  const find = `. tools/infra/lib.sh; . tools/infra/binaries.sh; is_mysql && exit; unpacked mysql "bin/$0"; printf '%q ' "\${COMMAND[@]}"`;
  for (const program of PROGRAMS) {
    const command = execFileSync('bash', ['-c', find, program], { cwd: ROOT }).toString();
    if (command === '') continue;
    writeFileSync(join(folder, program), `#!/bin/sh\nexec ${command} "$@"\n`);
    chmodSync(join(folder, program), 0o755);
  }
  return `${folder}:${process.env.PATH}`;
}

jest.setTimeout(120_000);

describeWith(['mysql'], 'a MySQL server that is backed up while it is written to', () => {
  type Own = Awaited<ReturnType<typeof ownServer<'mysql'>>>;
  const folder = mkdtempSync(join(tmpdir(), 'nakku-mysql-restore-'));
  const [backups, logs, secret] = ['backups', 'logs', 'secret'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  let path: string;
  let source: Own;
  let target: Own;
  let on: Connection;
  let stream: ChildProcess | undefined;
  let moment: string;

  const run = async (script: string, ...options: string[]): Promise<string> =>
    (await promisify(execFile)(join(SCRIPTS, script), options, { env: { PATH: path } })).stdout.trim();
  const asBackup = (): string[] => ['--host', '127.0.0.1', '--port', String(source.port), '--password-file', secret];
  const restore = (...options: string[]) => run('mysql-restore.sh', '--socket', target.root!.socketPath, ...options);
  const refusal = (attempt: Promise<string>): Promise<string> =>
    attempt.then(
      () => 'it was not refused',
      (error: { stderr: string }) => error.stderr,
    );

  beforeAll(async () => {
    path = programs(join(folder, 'bin'));
    [source, target] = await Promise.all([ownServer('mysql'), ownServer('mysql')]);
    on = await createConnection({ ...source.root!, multipleStatements: true });
    await on.query(`CREATE DATABASE nakku_order; CREATE DATABASE nakku_payment; CREATE DATABASE elsewhere;
      CREATE TABLE nakku_order.orders (id VARCHAR(36) PRIMARY KEY); CREATE TABLE nakku_payment.payments (id VARCHAR(36) PRIMARY KEY);`);
    await on.query(`CREATE USER ${USER} IDENTIFIED BY ?`, [PASSWORD]);
    await on.query(`GRANT RELOAD, REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO ${USER};
      GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON \`nakku\\_order\`.* TO ${USER}; GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON \`nakku\\_payment\`.* TO ${USER};`);
    writeFileSync(secret, `${PASSWORD}\n`, { mode: 0o600 });
  });
  afterAll(async () => {
    stream?.kill('SIGTERM');
    on?.destroy();
    await Promise.all([source?.remove(), target?.remove()]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** An order and its payment, one after the other: of the two, only the payment may be missing. */
  async function sell(id: string): Promise<void> {
    await on.query('INSERT INTO nakku_order.orders VALUES (?)', [id]);
    await on.query('INSERT INTO nakku_payment.payments VALUES (?)', [id]);
  }

  it('is copied at one instant, by a user who may change nothing, with its log as it goes on', async () => {
    const options = [...asBackup(), '--to', logs];
    stream = spawn(join(SCRIPTS, 'mysql-binlog.sh'), options, { env: { PATH: path }, stdio: 'ignore' });
    let [sold, stop] = [0, false];
    const selling = (async () => {
      while (!stop) await sell(`order-${sold++}`);
    })();
    const backup = await run('mysql-backup.sh', ...asBackup(), '--to', backups, '--keep', '1');
    stop = true;
    await selling;
    expect(readFileSync(join(backup, 'backup.env'), 'utf8')).toContain('databases=nakku_order nakku_payment\n');
    await sell('before');
    moment = new Date(Math.ceil((Date.now() + 1) / 1000) * 1000).toISOString().replace('.000', '');
    await sleep(Date.parse(moment) - Date.now() + 20);
    await sell('after');
    await on.query('DROP TABLE nakku_order.orders'); // the accident
  });

  it('is as it was at a moment before the accident, on another server, when the first one is gone', async () => {
    const [server] = await eventually('the log', async () => existsSync(logs) && readdirSync(logs));
    const binlogs = join(logs, server!);
    const whole = async () =>
      readdirSync(binlogs).some((name) => readFileSync(join(binlogs, name)).includes('DROP TABLE'));
    await eventually('the end of the log', whole);
    await source.stop('SIGKILL');
    const [name] = readdirSync(backups);
    await restore('--from', join(backups, name!), '--binlogs', binlogs, '--to-time', moment);

    const there = await createConnection({ ...target.root! });
    const ids = async (table: string) =>
      (await there.query<RowDataPacket[]>(`SELECT id FROM ${table} ORDER BY id`))[0].map(({ id }) => id as string);
    const [orders, payments] = [await ids('nakku_order.orders'), await ids('nakku_payment.payments')];
    there.destroy();
    expect(orders).toContain('before');
    expect(orders).not.toContain('after');
    expect(orders.length).toBeGreaterThan(20);
    expect(payments).toEqual(orders);
  });

  it('is not restored over data, from logs with a gap, to a moment before the backup, or from a file that was changed', async () => {
    const from = join(backups, readdirSync(backups)[0]!);
    const binlogs = join(logs, readdirSync(logs)[0]!);
    expect(await refusal(restore('--from', from))).toContain('the server has tables in nakku_order');
    const old = ['--from', from, '--binlogs', binlogs, '--to-time', '2020-01-01T00:00:00Z'];
    expect(await refusal(restore(...old))).toContain('take an older one');
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    expect(await refusal(restore('--from', from, '--force', '--binlogs', empty))).toContain('has no binary logs');
    writeFileSync(join(from, 'backup.env'), 'format=1\n');
    expect(await refusal(restore('--from', from))).toContain('was changed since it was written');
  });
});
