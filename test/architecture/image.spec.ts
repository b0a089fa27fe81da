import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from '../processes/readme.js';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
/** The instructions of the Dockerfile, each on one line. */
const instructions = read('docker/Dockerfile')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line.length > 0);
const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));
const copied = (lines: string[]) =>
  lines
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(' ').slice(1, -1));

const run = (command: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<{ code: number; said: string }> =>
  new Promise((resolve) =>
    execFile(command, args, { cwd: ROOT, env: { ...process.env, ...env } }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, said: out + err }),
    ),
  );

describe('the image', () => {
  it('stands on the version of Node that package.json asks for', () => {
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
    const [, tag] = /^ARG NODE_IMAGE=node:(\d+)-/.exec(instructions[0]!)!;
    expect(engines.node).toMatch(new RegExp(`^>=${tag}\\.`));
  });

  it('gets each file that it copies past .dockerignore, which lets in nothing else', () => {
    const rules = read('.dockerignore')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'));
    expect(rules[0]).toBe('*');
    const allowed = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));
    for (const source of copied(instructions)) {
      expect(existsSync(join(ROOT, source))).toBe(true);
      expect(allowed.some((rule) => source === rule || source.startsWith(`${rule}/`))).toBe(true);
    }
    const used = copied(instructions).map((source) => source.split('/')[0]);
    expect(allowed.filter((rule) => !used.includes(rule.split('/')[0]))).toEqual([]);
    expect(allowed.filter((rule) => 'deploy/secrets'.startsWith(rule))).toEqual([]);
  });

  it('has every folder of the project that services read at run time', () => {
    // What the command line renders and keeps in a checkout is no part of an image.
    const inCheckout = /^(deploy|nakku\/src\/cli)\//;
    const sources = ['apps', 'libs'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts') && !/\.(spec|fixture)\.ts$/.test(file) && !inCheckout.test(file))
        .map((file) => read(join(folder, file))),
    );
    const folders = sources.flatMap((text) =>
      [...text.matchAll(/projectRoot\(\), '(\w+)', '(\w+)'/g)].map(([, top, below]) => `${top}/${below}`),
    );
    expect(folders).toEqual(expect.arrayContaining(['deploy/seed', 'deploy/topologies']));
    expect(folders.filter((folder) => !copied(last).includes(folder))).toEqual([]);
  });

  it('runs as a user who is not root, and starts the bundle', () => {
    const users = last.filter((line) => line.startsWith('USER '));
    expect(users).toEqual(['USER 1000:1000']);
    const after = last.slice(last.indexOf(users[0]!));
    expect(after.filter((line) => /^(RUN|COPY) /.test(line))).toEqual([]);
    const [command] = JSON.parse(last.find((line) => line.startsWith('CMD '))!.slice(4)).slice(-1) as string[];
    expect(existsSync(join(ROOT, command!.replace(/^dist\//, '').replace(/\.js$/, '.ts')))).toBe(true);
  });
});

describe('the health check of a container', () => {
  let server: Server;
  let status = 200;
  const port = () => String((server.address() as AddressInfo).port);

  beforeAll(async () => {
    server = createServer((request, response) =>
      response.writeHead(request.url === '/health/ready' ? status : 404).end(),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());

  it('passes when the service is ready, and fails, saying why, when it is not or nothing answers', async () => {
    const check = () => run('docker/healthcheck', [], { PORT: port() });
    expect((await check()).code).toBe(0);
    status = 503;
    expect(await check()).toEqual({ code: 1, said: expect.stringContaining('answered 503') as string });
    const closed = await run('docker/healthcheck', [], { PORT: '1' });
    expect(closed).toEqual({ code: 1, said: expect.stringContaining('nobody listens') as string });
  });
});

describe('what is taken out of the installed packages', () => {
  it('is what Node never runs: types, maps, tests and the binaries for another C library', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nakku-prune-'));
    const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
    const musl = !header.glibcVersionRuntime;
    const [own, other] = musl ? ['musl', 'gnu'] : ['gnu', 'musl'];
    const stays = ['a/index.js', 'a/LICENSE.md', 'a/data.json', '@b/linux-x64-own/c.node'];
    const goes = [
      'a/index.d.ts',
      'a/index.js.map',
      'a/README.md',
      'a/a.spec.js',
      'rxjs/src/a.js',
      '@b/linux-x64-other/c.node',
    ];
    const named = (path: string) => path.replace('own', own!).replace('other', other!);
    try {
      for (const path of [...stays, ...goes].map(named)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), '');
      }
      expect((await run(process.execPath, ['docker/prune.cjs', folder])).code).toBe(0);
      expect([...stays, ...goes].map(named).filter((path) => existsSync(join(folder, path)))).toEqual(stays.map(named));
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect((await run(process.execPath, ['docker/prune.cjs', folder])).said).toMatch(/^Usage: /);
  });
});
