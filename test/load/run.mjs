// `npm run load -- --help`: the two requests of the operators' guide, by ab or wrk where they are installed, else by a loop of our own.
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { Pool } from 'undici';
import { closedLoop } from '../bench/load.mjs';

const HELP = `npm run load -- [options]   puts users/profile and products under load, and fails on errors

  --url URL            where the gateway answers (default http://localhost:8080/api/v1)
  --seconds 10         how long each request is put under load
  --clients 10         how many ask at once
  --email, --password  whose profile it is (default: the demo customer); LOAD_PASSWORD instead of --password keeps it off the command line
  --with ab|wrk|node   what asks (default: the first that is installed)
  --insecure           trusts any certificate (a trial's)
  --json               prints the figures as data

It counts every answer but 200 as an error. With rate limits on, a user has 600 requests a minute: docs/operations/capacity.md says how to test then.
`;

const fail = (text) => {
  process.stderr.write(`load: ${text}\n`);
  process.exit(2);
};

function read() {
  try {
    return parseArgs({
      options: {
        url: { type: 'string', default: 'http://localhost:8080/api/v1' },
        seconds: { type: 'string', default: '10' },
        clients: { type: 'string', default: '10' },
        email: { type: 'string', default: 'customer@nakku.test' },
        password: { type: 'string', default: process.env.LOAD_PASSWORD ?? 'nakku-customer-demo' },
        with: { type: 'string' },
        insecure: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return fail(`${error.message.split('. ')[0]} (--help)`);
  }
}
const options = read();
const run = promisify(execFile);
const whole = (name, most) => {
  const number = Number(options[name]);
  if (!Number.isInteger(number) || number < 1 || number > most)
    fail(`--${name} must be a whole number from 1 to ${most}`);
  return number;
};
if (options.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const [SECONDS, CLIENTS] = [whole('seconds', 3600), whole('clients', 1000)];
if (!URL.canParse(options.url)) fail('--url must be a URL such as https://shop.example/api/v1');
const base = options.url.replace(/\/$/, '');
const { origin, pathname } = new URL(base);
const pool = new Pool(origin, {
  connections: CLIENTS,
  pipelining: 1,
  connect: { rejectUnauthorized: !options.insecure },
});

async function ask(path, { headers, body } = {}) {
  const answer = await pool.request({
    method: body ? 'POST' : 'GET',
    path: `${pathname}${path}`,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    body: body && JSON.stringify(body),
  });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

async function signIn() {
  const { email, password } = options;
  const answer = await ask('/users/login', { body: { email, password } }).catch((error) =>
    fail(`nobody answers at ${base}: ${error.message}`),
  );
  if (answer.status !== 200)
    fail(`${email} cannot sign in (${answer.status}): name a customer by --email and --password`);
  return JSON.parse(answer.text).accessToken;
}

const installed = (program, flag) =>
  run(program, [flag]).then(
    () => true,
    (error) => error.code !== 'ENOENT',
  );

async function tool() {
  if (options.with)
    return ['ab', 'wrk', 'node'].includes(options.with) ? options.with : fail('--with must be ab, wrk or node');
  // Only the loop of our own can be told which certificates to trust.
  if (!options.insecure && (await installed('ab', '-V'))) return 'ab';
  return !options.insecure && (await installed('wrk', '-v')) ? 'wrk' : 'node';
}

const round = (ms) => Number(ms.toFixed(1));
const number = (text, pattern) => Number(pattern.exec(text)?.[1] ?? 0);

const TOOLS = {
  async ab(url, headers) {
    const flags = ['-k', '-q', '-l', '-t', String(SECONDS), '-n', '10000000', '-c', String(CLIENTS)];
    const { stdout } = await run('ab', [...flags, ...pairs(headers), url], { maxBuffer: 1e7 });
    return {
      requests: number(stdout, /Complete requests:\s+(\d+)/),
      errors: number(stdout, /Failed requests:\s+(\d+)/) + number(stdout, /Non-2xx responses:\s+(\d+)/),
      perSecond: number(stdout, /Requests per second:\s+([\d.]+)/),
      p50: number(stdout, /\s50%\s+(\d+)/),
      p99: number(stdout, /\s99%\s+(\d+)/),
    };
  },
  async wrk(url, headers) {
    const threads = String(Math.min(CLIENTS, 2));
    const flags = ['-t', threads, '-c', String(CLIENTS), '-d', `${SECONDS}s`, '--latency'];
    const { stdout } = await run('wrk', [...flags, ...pairs(headers), url]);
    const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout)?.slice(1) ?? [];
    const refused = number(stdout, /Non-2xx or 3xx responses: (\d+)/);
    const ms = (share) => {
      const [, value = 0, unit] = new RegExp(`\\s${share}%\\s+([\\d.]+)(us|ms|s)`).exec(stdout) ?? [];
      return Number(value) * ({ us: 0.001, ms: 1, s: 1000 }[unit] ?? 1);
    };
    return {
      requests: number(stdout, /(\d+) requests in/),
      errors: refused + sockets.reduce((sum, count) => sum + Number(count), 0),
      perSecond: number(stdout, /Requests\/sec:\s+([\d.]+)/),
      p50: ms(50),
      p99: ms(99),
    };
  },
  async node(url, headers) {
    const path = url.slice(base.length);
    const { operations, ...rest } = await closedLoop(CLIENTS, SECONDS, async () => {
      const { status } = await ask(path, { headers });
      if (status !== 200) throw new Error(`${path}: ${status}`);
    });
    const { errors, perSecond, p50, p99 } = rest;
    return { requests: operations + errors, errors, perSecond, p50, p99 };
  },
};
const pairs = (headers) => Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);

const token = await signIn();
const program = await tool();
const targets = [
  ['/users/profile', { authorization: `Bearer ${token}` }],
  ['/products', {}],
];
const rows = [];
for (const [path, headers] of targets) {
  const first = await ask(path, { headers });
  if (first.status !== 200) fail(`${path} answers ${first.status}: ${first.text.slice(0, 200)}`);
  const limit = Number(first.headers['ratelimit-limit'] ?? 0);
  if (limit > 0 && !options.json)
    process.stderr.write(
      `load: rate limits are on (${limit} requests a minute here): beyond them answers are 429 and count as errors\n`,
    );
  rows.push({
    request: `GET ${path}`,
    with: program,
    clients: CLIENTS,
    limited: limit > 0,
    ...(await TOOLS[program](base + path, headers)),
  });
}
await pool.close();
if (options.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
else
  console.table(
    rows.map(({ limited, perSecond, p50, p99, ...row }) => ({
      ...row,
      perSecond: Math.round(perSecond),
      'p50 ms': round(p50),
      'p99 ms': round(p99),
    })),
  );
const bad = rows.filter(({ errors, requests }) => errors > 0 || requests === 0);
for (const { request, errors, requests } of bad)
  process.stderr.write(`load: ${request}: ${errors} of ${requests} failed\n`);
process.exit(bad.length > 0 ? 1 : 0);
