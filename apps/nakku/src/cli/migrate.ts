import { DOMAINS, type Domain, Environment, PlaceSettings } from '@nakku/config';
import { migrate, pendingOf, planOfRevert, revert } from '@nakku/runtime';
import { Argument, type Command } from 'commander';
import { apps } from '../index.js';
import { EXIT, Failure } from '../terminal/failure.js';
import { note, print, printJson } from '../terminal/print.js';
import { wholeNumber } from '../terminal/options.js';

const SERVICES = new Argument('[service...]', 'whose databases (default: SERVICES, or all)').choices(DOMAINS);
const MOST_STEPS = 100;

/** `nakku migrate`: the tables of databases on servers. Embedded stores migrate themselves when they are opened. */
export function registerMigrate(program: Command): void {
  const group = program
    .command('migrate')
    .description('tables: bring databases up to date, show what is pending, go back');
  group
    .command('up')
    .description('bring databases on servers up to date, and make those that are missing')
    .addArgument(SERVICES)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  $ nakku migrate up\n  $ nakku migrate up order cart')
    .action(up);
  group
    .command('status')
    .description('list pending migrations; ends with 3 if there are any')
    .addArgument(SERVICES)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ nakku migrate status')
    .action(status);
  group
    .command('down')
    .description('undo the last migration of one database on a server, with all that it has made')
    .addArgument(new Argument('<service>', 'whose database').choices(DOMAINS))
    .option('--steps <number>', 'how many migrations', wholeNumber(1, MOST_STEPS), 1)
    .option('--dry-run', 'change nothing; say what would be lost')
    .option('--yes', 'do it, in production too')
    .addHelpText('after', '\nExamples:\n  $ nakku migrate down order --dry-run\n  $ nakku migrate down order --yes')
    .action(down);
}

interface Json {
  json?: boolean;
}

async function up(services: string[], { json }: Json): Promise<void> {
  const results: object[] = [];
  await migrate(wanted(services), process.env, (done) => {
    results.push(done);
    if (!json) print(`${done.database}: ${done.ran.length > 0 ? `ran ${done.ran.join(', ')}` : 'up to date'}`);
  });
  if (json) printJson(results);
}

async function status(services: string[], { json }: Json): Promise<void> {
  const results = await pendingOf(wanted(services), process.env);
  if (json) printJson(results);
  else
    for (const { database, pending } of results)
      print(`${database}: ${pending.length > 0 ? `lacks ${pending.join(', ')}` : 'up to date'}`);
  if (results.some(({ pending }) => pending.length > 0)) process.exitCode = EXIT.pending;
}

async function down(domain: Domain, options: { steps: number; dryRun?: boolean; yes?: boolean }): Promise<void> {
  const plan = await planOfRevert(domain, options.steps, process.env);
  if (plan.length === 0) throw new Failure(`${domain} has no migration to undo`);
  for (const { migration, loses } of plan)
    note(`${migration}: undoing it ${loses.length > 0 ? `loses ${loses.join(', ')}` : 'loses nothing'}`);
  if (options.dryRun) return;
  if (new Environment(process.env).production && !options.yes)
    throw new Failure(
      'Nothing was undone: NODE_ENV is production. Say --yes if the above may be lost; make a backup first',
    );
  for (const name of await revert(domain, options.steps, process.env)) print(`${domain}: undid ${name}`);
}

function wanted(services: readonly string[]): readonly string[] {
  if (services.length > 0) return services;
  return new Environment(process.env).get(PlaceSettings).SERVICES?.filter((service) => service in apps) ?? DOMAINS;
}
