import { randomBytes } from 'node:crypto';
import { DOMAIN_NAMES } from '@nakku/contracts';
import { grantsFor } from '@nakku/database';
import type { SqlServer } from '@nakku/testing';
import { createConnection } from 'mysql2/promise';

const SHORT = 12; // MySQL takes user names of 32 characters at most

/** Users on a server as an operator would make them, and the variables by which Nakku logs in as them. */
export interface Users {
  env: Record<string, string>;
  remove(): Promise<void>;
}

/** Makes one user for each service, which may do nothing but read and write its own database, and one that migrates. */
export async function leastPrivilege(server: SqlServer, prefix: string): Promise<Users> {
  const tag = randomBytes(SHORT / 2).toString('hex');
  const password = randomBytes(16).toString('hex');
  const migrator = { user: `m_${tag}`, password };
  const services = DOMAIN_NAMES.map((domain) => ({
    domain,
    user: `s_${tag}_${domain}`,
    password,
    database: `${prefix}_${domain}`,
  }));
  await asRoot(server, grantsFor({ services, migrator }));
  const env: Record<string, string> = {
    ...server.env,
    DB_MIGRATION_USER: migrator.user,
    DB_MIGRATION_PASSWORD: password,
    DB_PASSWORD: password,
  };
  for (const { domain, user } of services) env[`${domain.toUpperCase()}_DB_USER`] = user;
  const remove = () =>
    asRoot(
      server,
      [...services, migrator].map(({ user }) => `DROP USER IF EXISTS '${user}'@'%'`),
    );
  return { env, remove };
}

async function asRoot({ root }: SqlServer, statements: readonly string[]): Promise<void> {
  if (!root) throw new Error('who may make users on this server is not known: set MYSQL_ROOT_SOCKET');
  const connection = await createConnection({ ...root });
  try {
    for (const statement of statements) await connection.query(statement);
  } finally {
    await connection.end();
  }
}
