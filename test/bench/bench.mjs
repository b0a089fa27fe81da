// `npm run bench [-- --json] [-- --seconds 10] [-- --only order]`: how to read it is in test/bench/README.md.
import { execSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { closedLoop, forEach, summary } from './load.mjs';
import { call, startServer } from './server.mjs';
import { fillCarts, newCustomers, orderToConfirmed, stockUp, V1 } from './shop.mjs';
import { durableCommits } from './store.mjs';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean' },
    seconds: { type: 'string', default: '10' },
    customers: { type: 'string', default: '100' },
    only: { type: 'string', default: '' },
  },
});
const SECONDS = Number(options.seconds);
const CONCURRENCY = [1, 10, 50];
const WORDS = ['milk', 'tomatto', 'basmati rice', 'choc', 'mlik', 'bread', 'apple', 'shampoo', 'dal', 'biscuit'];
const rows = [];

function add(name, concurrency, result, cpuMs, extra = {}) {
  rows.push({
    name,
    concurrency,
    ...result,
    cpuMsPerOperation: result.operations ? cpuMs / result.operations : 0,
    ...extra,
  });
  if (!options.json) process.stderr.write(`${name} @${concurrency}: ${result.perSecond.toFixed(0)}/s\n`);
}

async function cell(server, name, concurrency, operation) {
  if (!name.includes(options.only)) return;
  await closedLoop(Math.min(concurrency, 10), Math.min(1, SECONDS / 4), operation); // warms up code and caches
  const before = server.cpuMs();
  const result = await closedLoop(concurrency, SECONDS, operation);
  add(name, concurrency, result, server.cpuMs() - before);
}

const metric = async (pool, name) => {
  const text = await (await pool.request({ path: '/metrics', method: 'GET' })).body.text();
  return [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'gm'))].reduce(
    (sum, [, value]) => sum + Number(value),
    0,
  );
};

/** Orders from full carts: only the placing and what follows is measured, the filling of the carts is not. */
async function orders(server, customers, productIds, concurrency) {
  if (!'order to confirmed'.includes(options.only)) return;
  const { pool } = server;
  const latencies = [];
  let errors = 0;
  let seconds = 0;
  let cpu = 0;
  let commits = 0;
  while (seconds < SECONDS) {
    await fillCarts(pool, customers, productIds);
    await sleep(300);
    const [cpuBefore, commitsBefore] = [server.cpuMs(), await metric(pool, 'nakku_store_commits')];
    const round = await forEach(customers, concurrency, (customer) => orderToConfirmed(pool, customer));
    for (let waited = 0; waited < 100 && (await metric(pool, 'nakku_outbox_pending')) > 0; waited++) await sleep(50);
    cpu += server.cpuMs() - cpuBefore;
    commits += (await metric(pool, 'nakku_store_commits')) - commitsBefore;
    latencies.push(...round.latencies);
    errors += round.errors;
    seconds += round.seconds;
  }
  add('order to confirmed', concurrency, summary(latencies, errors, seconds), cpu, {
    fsyncsPerOperation: commits / latencies.length,
  });
}

async function nakku() {
  const server = await startServer('dist/apps/nakku/src/main.js');
  const { pool } = server;
  await sleep(3000);
  const idleRssMb = server.rssMb();
  const { items, ids } = await stockUp(pool);
  const customers = await newCustomers(pool, Number(options.customers));
  let turn = 0;
  const of = (list) => list[turn++ % list.length];
  for (const concurrency of CONCURRENCY) {
    await cell(server, 'product list of 20', concurrency, () => call(pool, 'GET', `${V1}/products?limit=20`));
    await cell(server, 'product detail', concurrency, () => call(pool, 'GET', `${V1}/products/${of(items).id}`));
    await cell(server, 'search', concurrency, () =>
      call(pool, 'GET', `${V1}/products?q=${encodeURIComponent(of(WORDS))}&limit=20`),
    );
    await cell(server, 'login', concurrency, () =>
      call(pool, 'POST', `${V1}/users/login`, { body: { email: of(customers).email, password: 'a-long-password' } }),
    );
    await cell(server, 'cart write', concurrency, (worker) => {
      const { token } = customers[worker % customers.length];
      return call(pool, 'PUT', `${V1}/cart/items/${of(items).id}`, { token, body: { quantity: 1 + (turn % 5) } });
    });
    for (const { token } of customers) await call(pool, 'DELETE', `${V1}/cart`, { token });
    await orders(server, customers, ids, concurrency);
  }
  const rssMb = server.rssMb();
  await server.stop();
  return {
    coldStartMs: Math.round(server.coldStartMs),
    idleRssMb: Math.round(idleRssMb),
    rssAfterLoadMb: Math.round(rssMb),
  };
}

async function floor() {
  const server = await startServer('test/bench/plain.mjs');
  for (const concurrency of CONCURRENCY)
    await cell(server, 'plain node:http', concurrency, () => call(server.pool, 'GET', '/'));
  await server.stop();
  const { latencies, seconds, cpuMs } = durableCommits(Math.min(SECONDS, 5));
  add('raw store: durable commits', 1, summary(latencies, 0, seconds), cpuMs, { fsyncsPerOperation: 1 });
}

function table() {
  const head = [
    'operation',
    'concurrency',
    'per second',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'errors',
    'CPU ms/op',
    'fsyncs/op',
  ];
  const lines = rows.map((row) => [
    row.name,
    row.concurrency,
    row.perSecond.toFixed(0),
    row.p50.toFixed(1),
    row.p95.toFixed(1),
    row.p99.toFixed(1),
    row.errors,
    row.cpuMsPerOperation.toFixed(2),
    row.fsyncsPerOperation?.toFixed(1) ?? '',
  ]);
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n');
}

const facts = {
  at: new Date().toISOString(),
  node: process.version,
  machine: `${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
  commit: execSync('git rev-parse --short HEAD').toString().trim(),
  seconds: SECONDS,
};
await floor();
const process_ = await nakku();
if (options.json) process.stdout.write(`${JSON.stringify({ ...facts, ...process_, rows }, null, 2)}\n`);
else {
  process.stdout.write(
    `\n${table()}\n\nstart to first 200: ${process_.coldStartMs} ms · idle RSS: ${process_.idleRssMb} MB · RSS after the load: ${process_.rssAfterLoadMb} MB\n`,
  );
  process.stdout.write(
    `${facts.at} · commit ${facts.commit} · node ${facts.node} · ${facts.machine} · ${SECONDS} s a cell\n`,
  );
}
