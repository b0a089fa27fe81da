import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, httpClientOf } from '@nakku/testing';
import { commands, firstOrder, readme, ROOT } from '../processes/readme.js';
import { freePort } from '../processes/server.js';

describe('the README', () => {
  let dataDir: string;
  let started: ChildProcess | undefined;

  beforeAll(() => (dataDir = mkdtempSync(join(tmpdir(), 'nakku-readme-'))));
  afterAll(async () => {
    if (started && started.exitCode === null) {
      const ended = new Promise((resolve) => started!.once('exit', resolve));
      process.kill(-started.pid!, 'SIGTERM'); // npm does not hand signals on
      await ended;
    }
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('names the commands that the gate runs: one installs and starts, one tests', () => {
    expect(commands.slice(0, 2)).toEqual(['npm ci && npm start', 'npm test']);
    const gate = readFileSync(join(ROOT, '.ci', 'run'), 'utf8');
    expect(gate).toContain('npm ci');
    expect(gate).toContain('npm test');
  });

  it('starts, prints where to look, and its first order ends at the door', async () => {
    const port = await freePort();
    const env = { ...process.env, NODE_ENV: 'development', PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: 'warn' };
    let printed = '';
    started = spawn('npm', ['start'], { cwd: ROOT, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    started.stdout!.on('data', (chunk) => (printed += chunk));
    started.stderr!.on('data', (chunk) => (printed += chunk));
    const { get } = httpClientOf(`http://localhost:${port}`);
    await eventually('the start', async () => (await get('/health').catch(() => undefined))?.status === 200, 60_000);
    await eventually('the greeting', async () => printed.includes('customer@nakku.test'));
    expect(printed).toContain(`http://127.0.0.1:${port}/docs`);
    expect((await get('/docs')).status).toBe(200);

    const stdout = await firstOrder(port);
    expect(stdout).toMatch(/^delivered$/m);
    expect(stdout).toContain('order.created');
  }, 120_000);

  it('is short: three sentences, two commands, the first order', () => {
    const [, intro] = /^# Nakku\n\n([\s\S]*?)\n\n/.exec(readme)!;
    expect(intro!.match(/\.(\s|$)/g)!.length).toBeLessThanOrEqual(4);
  });
});
