import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { program } from './cli.js';
import { cli } from './terminal/cli.fixture.js';
import { explain, Failure } from './terminal/failure.js';

const ROOT = join(__dirname, '..', '..', '..');
const leaves = (command: Command): Command[] =>
  command.commands.length > 0 ? command.commands.flatMap(leaves) : [command];
const pathOf = (command: Command): string[] => (command.parent ? [...pathOf(command.parent), command.name()] : []);

describe('the command line', () => {
  it('is there as `npx nakku`, from wherever it is called', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nakku-cli-'));
    const ended = spawnSync(process.execPath, [join(ROOT, 'tools', 'nakku.cjs'), 'topology', 'check'], {
      cwd: folder,
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    expect(ended.stderr.replace(/^Successfully compiled.*\n/, '')).toBe('');
    expect(ended).toMatchObject({ status: 0, stdout: expect.stringContaining('clustered: nothing is wrong') });
  });

  it.each(leaves(program()).map((command) => pathOf(command).join(' ')))(
    '%s says what it does, with an example',
    async (path) => {
      const { code, out } = await cli([...path.split(' '), '--help']);
      expect(code).toBe(0);
      expect(out).toMatch(new RegExp(`^Usage: nakku ${path}`));
      expect(out.split('\n').slice(1).join('\n')).toContain(`nakku ${path} `.trimEnd());
    },
  );

  it('says its version, and what there is when it is called alone', async () => {
    expect(await cli('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(await cli([])).toMatchObject({ code: 2, err: expect.stringContaining('Exit codes:') });
  });

  it.each([
    ['topologie', /unknown command 'topologie'/],
    ['topology list --jsn', /unknown option '--jsn'/],
    ['topology show', /missing required argument 'name'/],
    ['admin create', /required option '--email <address>' not specified/],
    ['migrate down order --steps none', /must be a whole number from 1 to 100/],
    ['migrate up orders', /Allowed choices are user, product/],
    ['backup --to /tmp/x --keep 0', /must be a whole number from 1 to/],
    ['dead-letters list --url ftp://shop', /must be an http or https URL/],
    ['dead-letters replay --email a@b.test', /^Say which: ids, or --all$/m],
    ['dead-letters list', /^Say who asks: --email of an admin, or --token$/m],
    ['secrets init --host a/b', /must be a host name/],
    ['token', /^Say whose token: --email or --service$/m],
    ['token --email a@b.test --service order', /cannot be used with/],
    ['token show no-token', /^This is no token/m],
  ])('ends `nakku %s` with 2 and says why', async (line, why) => {
    const { code, out, err } = await cli(line);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(why);
  });

  it('ends with 1 and a line for each variable that is wrong', async () => {
    expect(await cli('migrate status order', { DB_PORT: 'x', NODE_ENV: 'staging' })).toEqual({
      code: 1,
      out: '',
      err: `NODE_ENV must be development or test or production, but was "staging"\nDB_PORT must be an integer from 1 to 65535, but was "x"\n`,
    });
  });
});

describe('an error', () => {
  it.each([
    [new Failure('said'), 'said', 1],
    [new Failure('said', 3), 'said', 3],
    [Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), 'the connection failed (ECONNREFUSED)', 1],
    ['text', 'text', 1],
  ])('%p is told as %p, without a stack', (error, message, exitCode) => {
    expect(explain(error)).toEqual({ message, exitCode });
  });
});
