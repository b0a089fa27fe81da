import type { Command } from 'commander';
import { check } from '../topology/check.js';
import { list, show } from '../topology/show.js';
import { renderTopologies } from '../topology/rendering.js';
import { schema } from '../topology/schema.js';

/** `nakku topology`: what deployments there are, and everything that is rendered from them. */
export function registerTopology(program: Command): void {
  const topology = program.command('topology').description('deployments: list, check and render the topologies');
  topology
    .command('list')
    .description('list the topologies that there are')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ nakku topology list')
    .action(list);
  topology
    .command('show')
    .description('show who runs where in a topology, under which name')
    .argument('<name>', 'a topology of deploy/topologies, or a path')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ nakku topology show clustered')
    .action(show);
  topology
    .command('check')
    .description('check topologies; says what is wrong with file, line and column')
    .argument('[name...]', 'topologies of deploy/topologies, or paths (default: all of deploy/topologies)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  $ nakku topology check\n  $ nakku topology check ./my-own.yaml')
    .action(check);
  topology
    .command('render')
    .description('write every file that follows from topologies, and remove those that no longer do')
    .argument('[name...]', 'topologies of deploy/topologies, or paths (default: all of deploy/topologies)')
    .option('--check', 'write nothing; list what differs and end with 1 if anything does')
    .option('--into <folder>', 'the folder of rendered/ and helm/ (default: deploy)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  $ nakku topology render\n  $ nakku topology render clustered --check')
    .action(renderTopologies);
  topology
    .command('schema')
    .description('write deploy/topologies/topology.schema.json, by which editors know what a topology may have')
    .option('--check', 'write nothing; end with 1 if the file is out of date')
    .addHelpText('after', '\nExample:\n  $ nakku topology schema')
    .action(schema);
}
