import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

const node = (...args: string[]): Promise<Ended> =>
  new Promise((resolve) =>
    execFile(process.execPath, args, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    ),
  );
const load = (...args: string[]): Promise<Ended> => node(join(__dirname, 'run.mjs'), ...args);

describe('npm run load', () => {
  let server: Server;
  let url: string;
  let asked: string[];
  let refuseAfter: number;
  beforeEach(async () => {
    asked = [];
    refuseAfter = Infinity;
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`.trim());
      const status = asked.length > refuseAfter ? 429 : 200;
      response.writeHead(status, { 'ratelimit-limit': '600' }).end(JSON.stringify({ accessToken: 'token' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`;
  });
  afterEach(() => server.close());

  const quickly = ['--with', 'node', '--seconds', '1', '--clients', '2'];

  it('asks for a profile with a token and for products, and tells how it went', async () => {
    const { code, stdout } = await load('--url', url, ...quickly, '--json');
    expect(code).toBe(0);
    expect(new Set(asked)).toEqual(
      new Set(['POST /api/v1/users/login', 'GET /api/v1/users/profile Bearer token', 'GET /api/v1/products']),
    );
    expect(JSON.parse(stdout)).toMatchObject([
      { request: 'GET /users/profile', errors: 0, clients: 2 },
      { request: 'GET /products', errors: 0 },
    ]);
  });

  it('fails where a request fails, and warns of rate limits', async () => {
    refuseAfter = 20;
    const { code, stderr } = await load('--url', url, ...quickly);
    expect(code).not.toBe(0);
    expect(stderr).toContain('rate limits are on (600 requests a minute here)');
    expect(stderr).toMatch(/GET \/users\/profile: \d+ of \d+ failed|\/products answers 429/);
  });

  it('says what is wrong with an option, and that nobody answers', async () => {
    expect((await load('--seconds', 'many')).stderr).toBe('load: --seconds must be a whole number from 1 to 3600\n');
    expect((await load('--sekonds', '1')).stderr).toMatch(/^load: Unknown option '--sekonds'.*\n$/);
    expect((await load('--url', 'http://127.0.0.1:1/api')).stderr).toMatch(/^load: nobody answers at .*ECONNREFUSED/);
  });
});

describe('the capacity table', () => {
  it('works out cores and copies from the cost of an order, at twice the average hour and 55 % busy', async () => {
    const facts = {
      services: [{ service: 'order', cpuMsPerOrder: 99, idleCores: 0, rssMb: 100 }],
      bytesPerOrder: { tables: 1234.4 },
      connections: { order: 3 },
      orders: 10,
      errors: 0,
      delivered: 10,
      seconds: 5,
    };
    const script = `import(${JSON.stringify(join(__dirname, 'sizes.mjs'))}).then(({ sizes }) => console.log(sizes(${JSON.stringify(facts)})))`;
    const { stdout } = await node('-e', script);
    // 10,000 an hour are 2.78 a second, 5.56 at the peak: 0.55 core seconds a second, of cores that may be busy for 0.55 of it
    expect(stdout).toContain('| order | 99.0 | 10,000 | 0.000 | 100 | 1 (0.10) | 1 (1.00) | 10 (10.00) |');
    expect(stdout).toContain('| tables | 1,234 |');
  });
});
