import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DATA, smallDeployment, TWELFTH } from '../deployment.fixture.js';
import type { Deployment } from '../deployment.js';
import { renderSql } from './index.js';

const withDatabase = (database: object, more = [] as (typeof TWELFTH)[]) =>
  smallDeployment(more, { data: { ...DATA, database } });
const files = (deployment: Deployment) =>
  new Map(renderSql(deployment).map(({ path, content }) => [path.replace('rendered/small/mysql/', ''), content]));
const MYSQL = withDatabase({ engine: 'mysql', replicas: 2 });

describe('the SQL of a deployment', () => {
  it('lets each service’s user work in its own database, and only the migration user change tables', () => {
    const sql = files(MYSQL).get('mysql-primary/users.sql')!;
    const grants = sql.split('\n').filter((line) => line.startsWith('GRANT'));
    expect(grants.filter((grant) => grant.includes("'nakku_order'@"))).toEqual([
      "GRANT SELECT, INSERT, UPDATE, DELETE ON `nakku\\_order`.* TO 'nakku_order'@'%';",
    ]);
    const changing = grants.filter((grant) => /CREATE|ALTER|DROP/.test(grant));
    expect(changing).toHaveLength(3);
    expect(changing.every((grant) => grant.endsWith("TO 'nakku_migration'@'%';"))).toBe(true);
    expect(grants.filter((grant) => grant.includes('*.*'))).toEqual([
      "GRANT RELOAD, REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO 'nakku_backup'@'%';",
      "GRANT REPLICATION SLAVE ON *.* TO 'nakku_replication'@'%';",
    ]);
    expect(sql).toContain(
      'CREATE DATABASE IF NOT EXISTS `nakku_order` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;',
    );
  });

  it('lets backups read every database, and write none', () => {
    const sql = files(MYSQL).get('mysql-primary/users.sql')!;
    const backups = sql.split('\n').filter((line) => line.endsWith("TO 'nakku_backup'@'%';"));
    expect(backups).toHaveLength(4);
    expect(backups.join()).not.toMatch(/INSERT|UPDATE|DELETE|CREATE|DROP|ALL/);
    expect(backups).toContain("GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `nakku\\_order`.* TO 'nakku_backup'@'%';");
  });

  it('has a placeholder wherever a password belongs', () => {
    const passwords = [
      ...files(MYSQL)
        .get('mysql-primary/users.sql')!
        .matchAll(/IDENTIFIED BY '(.*?)'/g),
    ];
    expect(passwords.length).toBeGreaterThan(0);
    for (const [, password] of passwords) expect(password).toMatch(/^@[a-z]+_db_password@$/);
  });

  it('gives every server of the deployment a number of its own', () => {
    const shards = [
      { name: 'one', services: ['user'] },
      { name: 'two', services: ['order', 'cart'] },
    ];
    const configs = [...files(withDatabase({ engine: 'mysql', replicas: 2, shards }))].filter(([path]) =>
      path.endsWith('my.cnf'),
    );
    const ids = configs.map(([, content]) => /^server_id = (\d+)$/m.exec(content)![1]);
    expect(configs).toHaveLength(6);
    expect(new Set(ids).size).toBe(6);
  });

  it('commits to the disk, and keeps every change with its global number', () => {
    expect(files(MYSQL).get('mysql-primary/my.cnf')).toMatch(/innodb_flush_log_at_trx_commit = 1\nsync_binlog = 1\n/);
    for (const host of ['mysql-primary', 'mysql-replica-1']) {
      const config = files(MYSQL).get(`${host}/my.cnf`)!;
      for (const line of ['gtid_mode = ON', 'enforce_gtid_consistency = ON', 'log_bin = binlog'])
        expect(config).toContain(`\n${line}\n`);
    }
  });

  it('acknowledges a commit when a replica has it, for as long as there is one', () => {
    const primary = files(MYSQL).get('mysql-primary/my.cnf')!;
    expect(primary).toContain('\nplugin_load_add = semisync_source.so\nloose_rpl_semi_sync_source_enabled = ON\n');
    expect(primary).toContain('\nloose_rpl_semi_sync_source_wait_no_replica = OFF\n');
    expect(files(MYSQL).get('mysql-replica-2/my.cnf')).toContain('\nloose_rpl_semi_sync_replica_enabled = ON\n');
    const mariadb = files(withDatabase({ engine: 'mariadb', replicas: 1 }));
    expect(mariadb.get('mysql-primary/my.cnf')).toContain('\nrpl_semi_sync_master_wait_point = AFTER_SYNC\n');
    expect(mariadb.get('mysql-replica-1/my.cnf')).toContain('\nrpl_semi_sync_slave_enabled = ON\n');
    const alone = files(withDatabase({ engine: 'mysql', replicas: 0 })).get('mysql-primary/my.cnf');
    expect(alone).not.toContain('semi_sync');
  });

  it('takes the connections of all copies of two versions at once', () => {
    // Three domains with two copies each, ten connections and one that looks after the server, twice; and thirty.
    expect(files(MYSQL).get('mysql-primary/my.cnf')).toContain('max_connections = 170\n');
  });

  it('has replicas follow by global numbers, encrypted, for ever, and refuse every write', () => {
    const script = files(MYSQL).get('mysql-replica-2/10-replica.sh')!;
    expect(script).toContain("SOURCE_HOST = 'mysql-primary'");
    expect(script).toContain('SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1');
    expect(script).toContain('SOURCE_RETRY_COUNT = 0;');
    expect(script).toContain('SET PERSIST super_read_only = ON;');
    expect(script.trimEnd().endsWith('touch /var/lib/mysql/nakku.set-up')).toBe(true);
    expect(files(MYSQL).has('mysql-replica-2/users.sql')).toBe(false);
  });

  it('speaks MariaDB’s dialect where that is the engine', () => {
    const mariadb = files(withDatabase({ engine: 'mariadb', replicas: 1 }));
    expect(mariadb.get('mysql-replica-1/10-replica.sh')).toContain('MASTER_USE_GTID = slave_pos');
    expect(mariadb.get('mysql-replica-1/my.cnf')).toContain('read_only = ON');
    expect(mariadb.get('mysql-primary/my.cnf')).not.toMatch(/^read_only|^gtid_mode|mysqlx/m);
    expect(mariadb.get('mysql-primary/users.sql')).toContain('COLLATE utf8mb4_nopad_bin;');
  });

  it('has the database and the user of a twelfth service once it is in the topology', () => {
    const sql = files(withDatabase({ engine: 'mysql', replicas: 0 }, [TWELFTH])).get('mysql-primary/users.sql')!;
    expect(sql).toContain('CREATE DATABASE IF NOT EXISTS `nakku_loyalty`');
    expect(sql).toContain("ON `nakku\\_loyalty`.* TO 'nakku_loyalty'@'%';");
    expect(sql).not.toContain('nakku_replication');
  });
});

describe('10-users.sh', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nakku-sql-'));
    for (const name of ['users.sql', '10-users.sh'])
      writeFileSync(join(folder, name), files(MYSQL).get(`mysql-primary/${name}`)!, { mode: 0o755 });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const print = () =>
    execFileSync(join(folder, '10-users.sh'), {
      env: { PATH: process.env.PATH, PRINT: '1', SECRETS: folder },
      encoding: 'utf8',
      stdio: 'pipe',
    });
  const secret = (name: string, value: string) => writeFileSync(join(folder, `${name}_db_password`), `${value}\n`);

  it('fills in the passwords as SQL reads them, whatever they have in them', () => {
    for (const name of ['user', 'order', 'cart', 'migration', 'backup', 'replication']) secret(name, `pass-${name}`);
    secret('order', `it's \\ & "$1" \`x\``);
    const sql = print();
    expect(sql).toContain("ALTER USER 'nakku_user'@'%' IDENTIFIED BY 'pass-user';");
    expect(sql).toContain(`ALTER USER 'nakku_order'@'%' IDENTIFIED BY 'it''s \\\\ & "$1" \`x\`';`);
    expect(sql).not.toMatch(/@\w+_password@/);
  });

  it('says which secret is missing', () => {
    expect(print).toThrow(`there is no ${folder}/user_db_password: npx nakku secrets init`);
  });
});
