import { join, relative, resolve } from 'node:path';
import { Environment, PlaceSettings } from '@nakku/config';
import { type Deployment, deploymentOf, secretFilesOf } from '@nakku/deploy';
import { projectRoot, readTopology } from '@nakku/runtime';
import { type Command, InvalidArgumentError } from 'commander';
import { catalogue } from '../catalogue.js';
import { SecretsFolder } from '../secrets/folder.js';
import { misfits, missingSecrets } from '../secrets/init.js';
import { statesOf } from '../secrets/state.js';
import { EXIT } from '../terminal/failure.js';
import { note, print, printJson, printTable } from '../terminal/print.js';

interface Options {
  topology?: string;
  folder?: string;
  host?: string;
  json?: boolean;
}

/** `nakku secrets`: the files that containers have below /run/secrets. */
export function registerSecrets(program: Command): void {
  const group = program.command('secrets').description('the secrets of a deployment, a file each');
  common(group.command('init'))
    .description('make the secrets that are missing; never replaces one')
    .option('--host <name>', "the balancer's host name, for its certificate (default: that of the topology)", hostOf)
    .addHelpText('after', '\nExample:\n  $ nakku secrets init --topology clustered --host api.example.com')
    .action(init);
  common(group.command('list'))
    .description('list the secrets that a deployment needs, without their content; ends with 3 if some are missing')
    .addHelpText('after', '\nExample:\n  $ nakku secrets list --topology clustered')
    .action(list);
}

const common = (command: Command): Command =>
  command
    .option(
      '--topology <name>',
      'the deployment: a topology of deploy/topologies, or a path (default: TOPOLOGY, or single-server)',
    )
    .option('--folder <path>', 'where they are (default: deploy/secrets)')
    .option('--json', 'print JSON');

function hostOf(text: string): string {
  if (/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError('It must be a host name.');
}

function init(options: Options): void {
  const { deployment, folder } = open(options);
  const files = secretFilesOf(deployment);
  const made = missingSecrets(deployment, files, folder, options.host ?? deployment.topology.balancer.host);
  folder.prepare();
  for (const [name, content] of made) folder.add(name, content);
  const states = statesOf(files, folder);
  if (options.json) printJson({ folder: folder.path, made: [...made.keys()].sort(), secrets: states });
  else print(`${shownPath(folder.path)}: ${made.size} made, ${files.length - made.size} were there`);
  for (const { name, state } of states.filter(({ state }) => state.includes('to be '))) note(`${name}: ${state}`);
  misfits(deployment, folder).forEach(note);
}

function list(options: Options): void {
  const { deployment, folder } = open(options);
  const states = statesOf(secretFilesOf(deployment), folder);
  if (options.json) printJson({ folder: folder.path, secrets: states });
  else
    printTable(
      ['SECRET', 'STATE', 'USED BY'],
      states.map(({ name, state, usedBy }) => [name, state, several(usedBy)]),
      '',
    );
  misfits(deployment, folder).forEach(note);
  if (states.some(({ there }) => !there)) process.exitCode = EXIT.pending;
}

function open({ topology, folder }: Options): { deployment: Deployment; folder: SecretsFolder } {
  const name = topology ?? new Environment(process.env).get(PlaceSettings).TOPOLOGY;
  const path = folder === undefined ? join(projectRoot(), 'deploy', 'secrets') : resolve(folder);
  return { deployment: deploymentOf(readTopology(name), catalogue()), folder: new SecretsFolder(path) };
}

const several = (users: readonly string[]): string =>
  users.length > 3 ? `${users.slice(0, 2).join(', ')} and ${users.length - 2} more` : users.join(', ');

function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith('..') ? path : fromHere;
}
