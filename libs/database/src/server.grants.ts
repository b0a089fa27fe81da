import { quoted } from './server.connect.js';
import type { Login } from './server.options.js';

/** A service's database and the user that it runs as. */
export interface ServiceUser extends Login {
  database: string;
}

/** Who may do what on one server. */
export interface Grants {
  services: readonly ServiceUser[];
  /** Who changes the tables; it may do so in the databases of all `services`. */
  migrator: Login;
  /** From which hosts they connect; `%`, from anywhere, without it. */
  from?: string;
}

const RUN = 'SELECT, INSERT, UPDATE, DELETE';
const MIGRATE = `${RUN}, CREATE, ALTER, DROP, INDEX`;

/**
 * The statements that give each service's user what it needs to run, on its own database only, and the migration user what it takes to
 * change tables. For one who may create users; running them again changes nothing, or the passwords.
 */
export function grantsFor({ services, migrator, from = '%' }: Grants): string[] {
  const account = ({ user }: Login) => `${text(user)}@${text(from)}`;
  const grant = (privileges: string, { database }: ServiceUser, login: Login) =>
    `GRANT ${privileges} ON ${quoted(literally(database))}.* TO ${account(login)}`;
  const logins = [...new Map([...services, migrator].map((login) => [login.user, login])).values()];
  return [
    ...logins.flatMap((login) => [
      `CREATE USER IF NOT EXISTS ${account(login)} IDENTIFIED BY ${text(login.password)}`,
      `ALTER USER ${account(login)} IDENTIFIED BY ${text(login.password)}`,
    ]),
    ...services.map((service) => grant(RUN, service, service)),
    ...services.map((service) => grant(MIGRATE, service, migrator)),
  ];
}

const text = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** In a GRANT, and only there, _ and % in a database's name stand for anything: nakku_user would be nakkuXuser too. */
const literally = (database: string): string => database.replaceAll(/[\\_%]/g, '\\$&');
