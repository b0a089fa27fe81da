import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeWith, eventually, httpClientOf } from '@nakku/testing';
import { commands, firstOrder, ROOT } from '../processes/readme.js';

const PORTS = [8080, 8081, 8082, 8083, 8084, 8085, 8086, 8087, 8088, 8089, 8090];
const NOTIFICATION = 8088;
const run = promisify(execFile);
const healthAt = (port: number) => httpClientOf(`http://127.0.0.1:${port}`).get('/health');

jest.setTimeout(240_000);

describeWith(['mysql', 'kafka', 'redis'], 'the README’s split start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nakku-split-'));
  let started: ChildProcess | undefined;
  let printed = '';

  /** The variables that `npm run infra:up` prints, of servers that are nobody else's. */
  async function infraUp(): Promise<Record<string, string>> {
    const args = ['run', '--silent', 'infra:up', '--', '-d', folder, '--random-ports', '--fast', '--no-install'];
    const { stdout } = await run('npm', args, { cwd: ROOT });
    return Object.fromEntries(
      [...stdout.matchAll(/^export (\w+)='([^']*)'$/gm)].map(([, name, value]) => [name!, value!]),
    );
  }

  const ended = () => started === undefined || started.exitCode !== null || started.signalCode !== null;

  beforeAll(async () => {
    const env = { ...process.env, NODE_ENV: 'development', LOG_LEVEL: 'warn', ...(await infraUp()) };
    started = spawn('npm', ['run', 'start:split'], {
      cwd: ROOT,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [started.stdout!, started.stderr!]) stream.on('data', (chunk) => (printed += chunk));
    await eventually(
      'the greeting',
      async () => {
        if (ended()) throw new Error(`it ended: ${printed}`);
        return printed.includes('customer@nakku.test');
      },
      180_000,
    );
  }, 240_000);

  afterAll(async () => {
    if (started) killGroup(started.pid!);
    await run('npm', ['run', '--silent', 'infra:down', '--', '-d', folder, '--purge'], { cwd: ROOT });
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('is what the README says', () => {
    expect(commands).toContain('npm run infra:up && npm run start:split');
  });

  it('ends with eleven services that are well, and an order at the door', async () => {
    for (const port of PORTS) expect({ port, status: (await healthAt(port)).status }).toEqual({ port, status: 200 });
    expect(await firstOrder(8080)).toMatch(/^delivered$/m);
  });

  it('sells on without the notification service, and says who is missing', async () => {
    process.kill(pidOf('notification', NOTIFICATION), 'SIGKILL');
    await eventually('the word of its end', async () => /notification.*SIGKILL/.test(printed));
    await eventually('the word in the health', async () => {
      const { status, body } = await healthAt(8080);
      return status === 200 && body.details['notification-service'].status === 'degraded';
    });
    expect(await firstOrder(8080)).toMatch(/^delivered$/m);
  });

  it('stops when it is told to', async () => {
    const end = new Promise((resolve) => started!.once('close', resolve)); // npm ends at once; whom it has started holds the stream
    process.kill(-started!.pid!, 'SIGTERM');
    await end;
    for (const port of PORTS) await expect(healthAt(port)).rejects.toThrow('fetch failed');
  });
});

/** What is left of a process and whom it has started. */
function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // nobody is left
  }
}

/** The process of this service at its usual port, among all that run on this machine. */
function pidOf(service: string, port: number): number {
  const pid = readdirSync('/proc').find((name) => {
    if (!/^\d+$/.test(name)) return false;
    const variables = textOf(`/proc/${name}/environ`).split('\0');
    return variables.includes(`SERVICES=${service}`) && variables.includes(`PORT=${port}`);
  });
  if (!pid) throw new Error(`no process of ${service} at ${port}`);
  return Number(pid);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it ended meanwhile, or is somebody else's
  }
}
