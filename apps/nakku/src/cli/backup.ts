import { Environment, PlaceSettings } from '@nakku/config';
import { buildVersion } from '@nakku/runtime';
import type { Command } from 'commander';
import { backUp } from '../backup/back-up.js';
import { restore } from '../backup/restore.js';
import { wholeNumber } from '../terminal/options.js';
import { note, print, printJson } from '../terminal/print.js';

const MOST_KEPT = 10_000;

/** `nakku backup`: the embedded stores as they are at one instant, while the server runs. */
export function registerBackup(program: Command): void {
  program
    .command('backup')
    .description('back up the embedded stores (DATA_DIR) as they are at one instant; the server may run')
    .requiredOption('--to <folder>', 'the folder of the backups; each becomes a folder nakku-<time> in it')
    .option(
      '--keep <count>',
      'how many backups stay there, this one included (default: all)',
      wholeNumber(1, MOST_KEPT),
    )
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  $ nakku backup --to /backups --keep 96')
    .action(async ({ to, keep, json }: { to: string; keep?: number; json?: boolean }) => {
      const backup = await backUp({ dataDir: dataDir(), to, keep, version: buildVersion(), tell: note });
      if (json) printJson({ backup });
      else print(backup);
    });
}

/** `nakku restore`: puts a backup into an empty data folder, while no server runs. */
export function registerRestore(program: Command): void {
  program
    .command('restore')
    .description('put a backup of the embedded stores into DATA_DIR; the server must be stopped')
    .requiredOption('--from <folder>', 'a backup, or a folder of backups, of which the newest is taken')
    .option('--force', 'move stores that are there aside instead of refusing')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  $ nakku restore --from /backups')
    .action(async ({ from, force, json }: { from: string; force?: boolean; json?: boolean }) => {
      const { takenAt, nakku, stores } = await restore({ dataDir: dataDir(), from, force, tell: note });
      const done = { dataDir: dataDir(), takenAt, nakku, stores: stores.length };
      if (json) printJson(done);
      else print(`${done.dataDir} is as it was at ${takenAt}: start the server`);
    });
}

const dataDir = (): string => new Environment(process.env).get(PlaceSettings).DATA_DIR;
