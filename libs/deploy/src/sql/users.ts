import { collationOf, grantsFor } from '@nakku/database';
import { headline } from '../artefact.js';
import type { DatabaseServer, Deployment } from '../deployment.js';
import { databaseOf, MIGRATION_USER, passwordOf, REPLICATION_USER, userOf } from '../environment.js';

export const MIGRATION_PASSWORD = 'migration_db_password';
export const REPLICATION_PASSWORD = 'replication_db_password';
export const BACKUP_PASSWORD = 'backup_db_password';
/** Who copies every database. */
export const BACKUP_USER = 'nakku_backup';

/** What stands in SQL for a secret until 10-users.sh fills it in. */
const placeholder = (secret: string): string => `@${secret}@`;

/** The databases of a server and who may do what in them. It has no passwords; running it again changes nothing, or the passwords. */
export function usersSql(deployment: Deployment, { domains, replicas }: DatabaseServer): string {
  const collation = collationOf(deployment.engine ?? 'mysql');
  const services = domains.map((domain) => ({
    database: databaseOf(domain),
    user: userOf(domain),
    password: placeholder(passwordOf(domain)),
  }));
  const migrator = { user: MIGRATION_USER, password: placeholder(MIGRATION_PASSWORD) };
  const statements = grantsFor({ services, migrator });
  const grants = statements.filter((statement) => statement.startsWith('GRANT'));
  const users = statements.filter((statement) => !grants.includes(statement));
  return [
    headline(deployment, '--'),
    '-- @..._password@ stands for a password: 10-users.sh fills in what is in the secret of that name.',
    '',
    '-- A database each, in which text is compared by its bytes.',
    ...services.map(
      ({ database }) => `CREATE DATABASE IF NOT EXISTS \`${database}\` CHARACTER SET utf8mb4 COLLATE ${collation};`,
    ),
    '',
    '-- A user for each service, and the one that changes tables.',
    ...users.map(ended),
    '',
    '-- A service may read and write its own database, and nothing else.',
    ...grants.map(ended),
    '',
    '-- Backups read everything of Nakku, at one moment, with every change since.',
    ...account(BACKUP_USER, BACKUP_PASSWORD),
    `GRANT RELOAD, REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO '${BACKUP_USER}'@'%';`,
    ...services.map(
      ({ database }) =>
        `GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON \`${database.replaceAll('_', '\\_')}\`.* TO '${BACKUP_USER}'@'%';`,
    ),
    ...(replicas.length > 0 ? ['', '-- Whom replicas sign in as.', ...replicationUser()] : []),
    '',
  ].join('\n');
}

const ended = (statement: string): string => `${statement};`;

const replicationUser = (): string[] => [
  ...account(REPLICATION_USER, REPLICATION_PASSWORD),
  `GRANT REPLICATION SLAVE ON *.* TO '${REPLICATION_USER}'@'%';`,
];

/** Makes a user, or gives one that is there this password. */
const account = (user: string, secret: string): string[] =>
  ['CREATE USER IF NOT EXISTS', 'ALTER USER'].map(
    (statement) => `${statement} '${user}'@'%' IDENTIFIED BY '${placeholder(secret)}';`,
  );
