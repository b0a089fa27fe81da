import { OpenedDomains } from '@nakku/runtime';
import type { Command } from 'commander';
import { apps } from '../index.js';
import { readPassword } from '../terminal/input.js';
import { print, printJson } from '../terminal/print.js';

interface Options {
  email: string;
  name: string;
  passwordStdin?: boolean;
  json?: boolean;
}

/** `nakku admin`: the first account of an installation, which no API can make. */
export function registerAdmin(program: Command): void {
  const group = program.command('admin').description('admins: make the first one');
  group
    .command('create')
    .description("make an admin's account in the user database; the system may run")
    .requiredOption('--email <address>', 'whom they sign in as')
    .option('--name <name>', 'first and last name', 'Nakku Admin')
    .option('--password-stdin', 'read the password from standard input instead of asking for it')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
It needs the variables of the user service: run it where that runs. A password has 8 to 128 characters.

Examples:
  $ nakku admin create --email you@example.com --name "Asha Rao"
  $ pass show nakku | nakku admin create --email you@example.com --password-stdin`,
    )
    .action(create);
}

async function create({ email, name, passwordStdin, json }: Options): Promise<void> {
  const [firstName = '', ...rest] = name.trim().split(/\s+/);
  const password = await readPassword({ stdin: passwordStdin, twice: true });
  const domains = await OpenedDomains.of([apps.user], process.env);
  try {
    const admin = await domains
      .accounts()
      .createAdmin({ email, firstName, lastName: rest.join(' ') || 'Admin', password });
    if (json) printJson(admin);
    else print(`${admin.email} is an admin (${admin.id}) and can sign in`);
  } finally {
    await domains.close();
  }
}
