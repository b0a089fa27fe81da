import { buildVersion } from '@nakku/runtime';
import { Command } from 'commander';
import { registerAdmin } from './cli/admin.js';
import { registerBackup, registerRestore } from './cli/backup.js';
import { registerDeadLetters } from './cli/dead-letters.js';
import { registerDoctor } from './cli/doctor.js';
import { registerMigrate } from './cli/migrate.js';
import { registerSecrets } from './cli/secrets.js';
import { registerSeed } from './cli/seed.js';
import { registerToken } from './cli/token.js';
import { registerTopology } from './cli/topology.js';
import { EXIT, type ExitCode, explain } from './terminal/failure.js';
import { note } from './terminal/print.js';

const COMMANDS = [
  registerTopology,
  registerSecrets,
  registerMigrate,
  registerSeed,
  registerAdmin,
  registerToken,
  registerDeadLetters,
  registerDoctor,
  registerBackup,
  registerRestore,
];

/** Every command of `npx nakku`. */
export function program(): Command {
  const root = new Command('nakku')
    .description('Runs, deploys and looks after Nakku.')
    .version(buildVersion())
    .exitOverride()
    .showHelpAfterError('(--help after a command tells more)')
    .addHelpText('after', EXIT_CODES);
  for (const register of COMMANDS) register(root);
  return root;
}

const EXIT_CODES = `
Exit codes:
  0  done
  1  failed; the last line says why
  2  the command line was wrong
  3  done, and something is pending or unhealthy`;

/** Runs a command line (what follows `nakku`) and returns its exit code. */
export async function run(args: readonly string[]): Promise<ExitCode> {
  process.exitCode = EXIT.ok;
  try {
    await program().parseAsync(args, { from: 'user' });
    return (process.exitCode as ExitCode | undefined) ?? EXIT.ok;
  } catch (error) {
    const { message, exitCode } = explain(error);
    if (message) note(message);
    return exitCode;
  }
}

/** Runs the process's own command line. */
export async function main(): Promise<void> {
  // Whoever reads may go before the end: `nakku topology list | head -1`.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) =>
    process.exit(code === 'EPIPE' ? EXIT.ok : EXIT.failed),
  );
  const code = await run(process.argv.slice(2));
  process.exitCode = code;
  // A connection that somebody has left open must not keep a finished command.
  setTimeout(() => process.exit(code), 2000).unref();
}

if (require.main === module) void main();
