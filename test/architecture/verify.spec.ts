import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesBelow, read, ROOT } from './documents.js';

const SCRIPT = join(ROOT, 'deploy', 'verify.sh');

describe('deploy/verify.sh', () => {
  let folder: string;
  const check = (name: string, header: Record<string, string>, body = 'true') =>
    writeFileSync(
      join(folder, `${name}.sh`),
      ['#!/usr/bin/env bash', ...Object.entries(header).map(([key, value]) => `# ${key}: ${value}`), body, ''].join(
        '\n',
      ),
    );
  const verify = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('bash', [SCRIPT, ...args], {
      env: { ...process.env, VERIFY_FOLDER: folder, VERIFY_LOGS: join(folder, 'logs') },
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nakku-verify-'));
    check('second', { about: 'it works', needs: 'bash', order: '20' }, 'echo "skip  a part"');
    check('first', { about: 'it works, too', needs: 'no-such-program|bash', order: '3' });
    check('absent', { about: 'never runs', needs: 'bash no-such-program' }, 'exit 9');
    check('careful', { about: 'asks first', needs: 'bash', 'by hand': 'it empties machines' }, 'echo done');
    writeFileSync(join(folder, 'library.sh'), 'exit 9\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('runs what has its tools, in order, and says what it left out and why', () => {
    const { status, stdout } = verify();
    expect(status).toBe(0);
    expect(stdout.match(/^== (\w+)/gm)).toEqual(['== first', '== second']);
    expect(stdout).toMatch(/^first +ran +\d+ s$/m);
    expect(stdout).toMatch(/^second +ran +\d+ s, 1 parts skipped$/m);
    expect(stdout).toMatch(/^absent +skipped +missing here: no-such-program$/m);
    expect(stdout).toMatch(/^careful +skipped +by hand: it empties machines$/m);
    expect(stdout).not.toContain('library');
  });

  it('ends with 1 where one failed, shows what that said, and runs the rest', () => {
    check('broken', { about: 'fails', needs: 'bash', order: '1' }, 'echo "the port is taken"; exit 3');
    const { status, stdout } = verify();
    expect(status).toBe(1);
    expect(stdout).toContain('the port is taken');
    expect(stdout).toMatch(/^broken +FAILED +with 3 /m);
    expect(stdout).toMatch(/^second +ran /m);
  });

  it('leaves docker and clusters alone with --quick', () => {
    check('containers', { about: 'starts some', needs: 'docker bash' }, 'exit 9');
    expect(verify('--quick').stdout).toMatch(/^containers +skipped +not with --quick$/m);
  });

  it('runs one by name, also what is otherwise left to a hand', () => {
    const { status, stdout } = verify('--only', 'careful');
    expect(status).toBe(0);
    expect(stdout.match(/^== (\w+)/gm)).toEqual(['== careful']);
  });

  it('refuses a name that it does not know, and says which there are', () => {
    const { status, stderr } = verify('--only', 'nonsense');
    expect(status).toBe(2);
    expect(stderr).toContain('there is no check nonsense; there are: first second absent careful');
    expect(verify('--fast').status).toBe(2);
  });

  it('lists without running', () => {
    const { status, stdout } = verify('--list');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^first +it works, too\n +needs: no-such-program\|bash\n +ready$/m);
    expect(stdout).not.toContain('==');
  });

  it('is told by every script of deploy/verify what it is about and what it needs', () => {
    const scripts = filesBelow('deploy/verify').filter((path) => /^deploy\/verify\/[\w-]+\.sh$/.test(path));
    expect(scripts.length).toBeGreaterThan(8);
    const silent = scripts.filter((path) => !/^# about: .+$/m.test(read(path)) || !/^# needs: .+$/m.test(read(path)));
    expect(silent).toEqual([]);
  });
});
