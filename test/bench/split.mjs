// `npm run bench:split [-- --seconds 10] [-- --json]`: how to read it is in test/bench/README.md. Needs `npm run infra:up`.
import { execSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { calls } from './calls.mjs';
import { ELEVEN, ONE, startFleet } from './fleet.mjs';
import { closedLoop, forEach, openLoop, summary } from './load.mjs';
import { call, freePort } from './server.mjs';
import { fillCarts, newCustomers, orderToConfirmed, stockUp, V1 } from './shop.mjs';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean' },
    seconds: { type: 'string', default: '10' },
    only: { type: 'string', default: 'calls,gateway,orders,events' },
    rates: { type: 'string', default: '2,5,10,20,50' },
  },
});
const SECONDS = Number(options.seconds);
const INFRA = join(import.meta.dirname, '..', '..', '.infra', 'env');
const wants = (part) => options.only.split(',').includes(part);
const say = (text) => process.stderr.write(`${text}\n`);
const run = Math.random().toString(36).slice(2, 8);

/** The servers of `npm run infra:up`, with names that no other run has and the user who may use them. */
function infra(part) {
  if (!existsSync(INFRA)) throw new Error('npm run infra:up first: this bench needs MySQL, Kafka and Redis');
  const lines = readFileSync(INFRA, 'utf8').matchAll(/^export ([A-Z_]+)='([^'\n]*)'$/gm);
  const { MYSQL_URL, KAFKA_BROKERS, REDIS_URL } = Object.fromEntries(
    [...lines].map(([, name, value]) => [name, value]),
  );
  const { hostname, port, username, password, pathname } = new URL(MYSQL_URL);
  const name = `${pathname.slice(1)}_${run}_${part}`;
  const database = { DB_HOST: hostname, DB_PORT: port, DB_USER: username, DB_PASSWORD: password, DB_NAME: name };
  const broker = { KAFKA_BROKERS, KAFKA_TOPIC_PREFIX: `${name}-`, KAFKA_GROUP_ID: name };
  return { ...database, ...broker, REDIS_URL, REDIS_PREFIX: `${name}:` };
}

const without = (env, ...prefixes) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !prefixes.some((prefix) => name.startsWith(prefix))));

/** NGINX as the proxy in the gateway's place; undefined where it is not installed. */
async function nginx(upstream) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'nakku-nginx-'));
  const conf = `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 1024; }
http { access_log off; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  upstream service { server ${new URL(upstream).host}; keepalive 64; }
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; } } }`;
  writeFileSync(join(folder, 'nginx.conf'), conf);
  const child = spawn('nginx', ['-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
  const failed = new Promise((resolve) => child.once('error', () => resolve(true)));
  if (await Promise.race([failed, sleep(500, false)])) return undefined;
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 64, pipelining: 1 });
  const stop = async () => {
    await pool.close();
    child.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  };
  return { pool, stop };
}

/** The same requests by three ways, in turns, so that a noisy moment hits all of them. */
async function gateway() {
  const fleet = await startFleet(ELEVEN, infra('gateway'));
  const product = fleet.hosting('product');
  const proxy = await nginx(product.url);
  const ways = { 'product service': product.pool, 'through NGINX': proxy?.pool, 'through the gateway': fleet.pool };
  const { items } = await call(fleet.pool, 'GET', `${V1}/products?limit=20`);
  const rows = [];
  for (const [name, path] of [
    ['product detail', `${V1}/products/${items[0].id}`],
    ['list of 20', `${V1}/products?limit=20`],
  ])
    for (const concurrency of [1, 20]) {
      const parts = new Map();
      for (let round = 0; round < 4; round++)
        for (const [way, pool] of Object.entries(ways).filter(([, value]) => value)) {
          const part = await closedLoop(concurrency, round === 0 ? 1 : SECONDS / 3, () => call(pool, 'GET', path));
          if (round > 0) parts.set(way, [...(parts.get(way) ?? []), part]); // the first warms up
        }
      for (const [way, all] of parts) rows.push({ name: `${name}, ${way}`, concurrency, ...merged(all) });
      say(`gateway: ${name} @${concurrency} done`);
    }
  await proxy?.stop();
  await fleet.stop();
  return rows;
}

/** Rounds of one cell as one: medians of p50 and p99, the sum of what was done. */
function merged(parts) {
  const sum = (key) => parts.reduce((total, part) => total + part[key], 0);
  const median = (key) => parts.map((part) => part[key]).sort((a, b) => a - b)[parts.length >> 1];
  return {
    operations: sum('operations'),
    errors: sum('errors'),
    perSecond: sum('perSecond') / parts.length,
    p50: median('p50'),
    p95: median('p95'),
    p99: median('p99'),
  };
}

/** Orders to confirmed, as many at once as clients, on each kind of deployment. */
async function orders() {
  const kafka = infra('split');
  const deployments = {
    'single server, SQLite': [ONE, {}],
    'single server, MySQL': [ONE, without(infra('single'), 'KAFKA_', 'REDIS_')],
    'single server, MySQL, Kafka, Redis': [ONE, infra('onekafka')],
    'eleven processes, MySQL, Kafka, Redis': [ELEVEN, kafka],
  };
  const rows = [];
  for (const [name, [groups, env]] of Object.entries(deployments)) {
    const fleet = await startFleet(groups, env);
    const { ids } = await stockUp(fleet.pool);
    const customers = await newCustomers(fleet.pool, 60);
    for (const concurrency of [1, 10, 50]) {
      const latencies = [];
      let [errors, seconds, cpu] = [0, 0, 0];
      while (seconds < SECONDS) {
        await fillCarts(fleet.pool, customers, ids);
        await sleep(500);
        const before = fleet.cpuMs();
        const round = await forEach(customers, concurrency, (customer) => orderToConfirmed(fleet.pool, customer));
        await sleep(500);
        cpu += fleet.cpuMs() - before;
        latencies.push(...round.latencies);
        errors += round.errors;
        seconds += round.seconds;
      }
      rows.push({ name, concurrency, ...summary(latencies, errors, seconds), cpuMs: cpu / latencies.length });
      say(`orders: ${name} @${concurrency}: ${rows.at(-1).perSecond.toFixed(1)}/s`);
    }
    await fleet.stop();
  }
  return rows;
}

/** From the publication of an event to the commit of its effect, while orders come at a steady rate. Read off the services' histograms. */
async function events() {
  const deployments = {
    'in the process (SQLite)': [ONE, {}],
    'by Kafka (eleven processes, MySQL)': [ELEVEN, infra('events')],
  };
  const rows = [];
  for (const [name, [groups, env]] of Object.entries(deployments)) {
    const fleet = await startFleet(groups, env);
    const { ids } = await stockUp(fleet.pool);
    for (const rate of options.rates.split(',').map(Number)) {
      const customers = await newCustomers(fleet.pool, Math.ceil(rate * Math.min(SECONDS, 10)));
      await fillCarts(fleet.pool, customers, ids.slice(0, 1));
      await sleep(2000);
      const before = await delays(fleet);
      const result = await openLoop(customers, rate, ({ token, addressId }) =>
        call(fleet.pool, 'POST', `${V1}/orders`, {
          token,
          body: { addressId, paymentMethod: 'cod' },
          headers: { 'idempotency-key': `bench-${Math.random()}` },
          expect: 201,
        }),
      );
      await sleep(3000);
      const delta = minus(await delays(fleet), before);
      rows.push({
        name,
        rate,
        achieved: result.perSecond,
        errors: result.errors,
        events: total(delta),
        ...quantiles(delta),
      });
      say(
        `events: ${name} at ${rate} orders/s: p50 ${rows.at(-1).p50.toFixed(0)} ms, p99 ${rows.at(-1).p99.toFixed(0)} ms`,
      );
    }
    await fleet.stop();
  }
  return rows;
}

/** The cumulative buckets of nakku_event_delay_seconds over all processes: upper bound in seconds → count. */
async function delays(fleet) {
  const buckets = new Map();
  for (const { pool } of fleet.servers) {
    const text = await (await pool.request({ path: '/metrics', method: 'GET' })).body.text();
    for (const [, le, count] of text.matchAll(/^nakku_event_delay_seconds_bucket\{le="([^"]+)"[^}]*\} (\d+)/gm)) {
      const bound = le === '+Inf' ? Infinity : Number(le);
      buckets.set(bound, (buckets.get(bound) ?? 0) + Number(count));
    }
  }
  return buckets;
}

const minus = (after, before) => new Map([...after].map(([le, count]) => [le, count - (before.get(le) ?? 0)]));
const total = (buckets) => buckets.get(Infinity) ?? 0;

/** As Prometheus' histogram_quantile: linear within a bucket. Milliseconds. */
function quantiles(buckets) {
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  const at = (share) => {
    const rank = share * total(buckets);
    let [low, below] = [0, 0];
    for (const [le, count] of sorted) {
      if (count >= rank)
        return 1000 * (le === Infinity ? low : low + ((le - low) * (rank - below)) / Math.max(1, count - below));
      [low, below] = [le, count];
    }
    return 0;
  };
  return {
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    within250Ms: (buckets.get(0.25) ?? 0) / Math.max(1, total(buckets)),
  };
}

const results = {};
for (const [part, measure] of Object.entries({ calls: () => calls(SECONDS), gateway, orders, events })) {
  if (!wants(part)) continue;
  results[part] = await measure();
  say(`\n${part}\n${table(results[part])}\n`); // whatever fails later
}
const facts = {
  at: new Date().toISOString(),
  node: process.version,
  machine: `${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
  commit: execSync('git rev-parse --short HEAD').toString().trim(),
  seconds: SECONDS,
};
if (options.json) process.stdout.write(`${JSON.stringify({ ...facts, ...results }, null, 2)}\n`);
else {
  for (const [part, rows] of Object.entries(results)) process.stdout.write(`\n${part}\n${table(rows)}\n`);
  process.stdout.write(
    `\n${facts.at} · commit ${facts.commit} · node ${facts.node} · ${facts.machine} · ${SECONDS} s a cell\n`,
  );
}
process.exit(0);

function table(rows) {
  const columns = Object.keys(rows[0]);
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const cell = (value) =>
    typeof value === 'number' ? (Number.isInteger(value) ? String(value) : value.toFixed(2)) : String(value);
  return [
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map((name) => cell(row[name])))),
  ].join('\n');
}
