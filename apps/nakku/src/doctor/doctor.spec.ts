import { CommanderError } from 'commander';
import { type TestProcess, startProcess } from '@nakku/testing';
import { apps } from '../index.js';
import { program } from '../cli.js';
import { explain } from '../terminal/failure.js';

/** Runs `nakku doctor` as somebody would, with these variables beside those of the test. */
async function doctor(env: Record<string, string>, ...args: string[]) {
  const before = process.env;
  process.env = { PATH: before.PATH, ...env };
  let output = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((output += String(text)), true));
  const complaint = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
  try {
    process.exitCode = 0;
    await program().parseAsync(['doctor', ...args], { from: 'user' });
    return { output, code: process.exitCode };
  } catch (error) {
    return { output, code: explain(error).exitCode, error };
  } finally {
    process.env = before;
    process.exitCode = 0;
    write.mockRestore();
    complaint.mockRestore();
  }
}

describe('nakku doctor', () => {
  let server: TestProcess;
  beforeAll(async () => {
    server = await startProcess(Object.values(apps), {
      LOG_LEVEL: 'silent',
      METRICS_TOKEN: 'not-needed-here-0123456789',
    });
  }, 60_000);
  afterAll(() => server?.stop());

  it('finds the single server well, and ends with 0', async () => {
    const { output, code } = await doctor({ DATA_DIR: server.dataDir }, '--url', server.url);
    expect(output).toMatch(/^ok +nakku at 127\.0\.0\.1:\d+ +is well$/m);
    expect(output).toMatch(/^ok +versions +\d+\.\d+\.\d+ everywhere$/m);
    expect(output).toMatch(/^ok +outboxes /m);
    expect(output).not.toContain('FAIL');
    expect(code).toBe(0);
  });

  it('ends with 3 when something fails, and says what to do, also as JSON', async () => {
    const { output, code } = await doctor({ INTERNAL_SECRET: 'short' }, '--url', 'http://127.0.0.1:1', '--json');
    const { findings, summary } = JSON.parse(output) as {
      findings: Record<string, string>[];
      summary: { fail: number };
    };
    expect(code).toBe(3);
    expect(summary.fail).toBe(2);
    expect(findings.filter(({ status }) => status === 'fail')).toEqual([
      { name: 'nakku at 127.0.0.1:1', status: 'fail', found: expect.any(String), advice: expect.any(String) },
      { name: 'INTERNAL_SECRET', status: 'fail', found: 'has 5 characters', advice: expect.any(String) },
    ]);
    expect(output).not.toContain('"short"');
  });

  it.each([
    ['--url', 'gopher://shop'],
    ['--url', 'nonsense'],
    ['--timeout', '0'],
    ['--timeout', 'long'],
    ['--nonsense'],
  ])('ends with 2 for %s %s', async (...args) => {
    const { code, error } = await doctor({}, ...args);
    expect(code).toBe(2);
    expect(error instanceof CommanderError ? error.message : String(error)).toMatch(/--(url|timeout|nonsense)/);
  });

  it('says which topology it does not know', async () => {
    const { code, error } = await doctor({}, '--topology', 'moon');
    expect(code).not.toBe(0);
    expect(String(error)).toContain('"moon" is not in deploy/topologies');
  });
});
