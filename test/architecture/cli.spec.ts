import type { Command } from 'commander';
import { program } from '../../apps/nakku/src/cli.js';
import { read, tableAfter } from './documents.js';

const PAGE = read('docs/operations/cli.md');
const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
const pathOf = (command: Command): string[] => (command.parent ? [...pathOf(command.parent), command.name()] : []);
/** Those that do something: groups only hold others. */
const COMMANDS = all(program()).filter(
  ({ parent, commands, options }) => parent && (commands.length === 0 || options.length > 0),
);
const codes = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text!);

function usageOf(command: Command): string {
  const given = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [...pathOf(command), ...given].join(' ');
}

describe('the page of the command line', () => {
  it('has every command with its arguments and options, and none that is not there', () => {
    const documented = tableAfter(PAGE, '## Commands').filter((row) => row.length === 3 && codes(row[0]).length > 0);
    const rows = documented
      .slice(0, COMMANDS.length)
      .map(([usage, what, flags]) => [codes(usage)[0], what, codes(flags)]);
    expect(rows).toEqual(
      COMMANDS.map((command) => [usageOf(command), command.description(), command.options.map(({ flags }) => flags)]),
    );
  });

  it('says what each option means, in the words of the command itself', () => {
    const documented = tableAfter(PAGE, '## Options').map(
      ([flag, of, meaning]) => `${codes(flag)[0]} of ${codes(of).join(', ')}: ${meaning}`,
    );
    const owners = new Map<string, string[]>();
    for (const command of COMMANDS)
      for (const { flags, description } of command.options) {
        const key = JSON.stringify([flags, description]);
        owners.set(key, [...(owners.get(key) ?? []), pathOf(command).join(' ')]);
      }
    const declared = [...owners].map(([key, of]) => {
      const [flags, description] = JSON.parse(key) as [string, string];
      return `${flags} of ${of.join(', ')}: ${description}`;
    });
    expect(documented).toEqual(declared);
  });

  it('has the exit codes that `nakku --help` tells', () => {
    let help = '';
    program()
      .configureOutput({ writeOut: (text) => (help += text) })
      .outputHelp();
    const told = [...help.matchAll(/^ {2}(\d) {2}/gm)].map(([, code]) => code);
    expect(told).toEqual(['0', '1', '2', '3']);
    expect(
      tableAfter(PAGE, '## Exit codes')
        .map(([code]) => code)
        .slice(0, 4),
    ).toEqual(told);
  });
});
