// `node test/load/capacity.mjs [--orders 300] [--rate 4] [--json]`: what an order costs each service. Needs `npm run infra:up` and `npm run build`.
// How to read it: docs/operations/capacity.md.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { ELEVEN, startFleet } from '../bench/fleet.mjs';
import { openLoop } from '../bench/load.mjs';
import { newCustomers, stockUp } from '../bench/shop.mjs';
import { MIX, shop, Shift } from './shift.mjs';
import { sizes } from './sizes.mjs';

const { values: options } = parseArgs({
  options: {
    orders: { type: 'string', default: '300' },
    rate: { type: 'string', default: '4' },
    riders: { type: 'string', default: '3' },
    json: { type: 'boolean' },
  },
});
const [ORDERS, RATE, RIDERS] = [options.orders, options.rate, options.riders].map(Number);
const IDLE_S = 10;
const INFRA = join(import.meta.dirname, '..', '..', '.infra');
const say = (text) => process.stderr.write(`${text}\n`);

const variables = Object.fromEntries(
  [...readFileSync(join(INFRA, 'env'), 'utf8').matchAll(/^export ([A-Z_]+)='([^'\n]*)'$/gm)].map(([, k, v]) => [k, v]),
);
const { hostname, port, username, password, pathname } = new URL(variables.MYSQL_URL);
const name = `${pathname.slice(1)}_${Math.random().toString(36).slice(2, 8)}`;
const login = { host: hostname, port: Number(port || 3306), user: username, password };

/** CPU milliseconds and resident MB of the servers of `npm run infra:up`. */
const serverPid = (server) => Number(readFileSync(join(INFRA, server, 'pid'), 'utf8').split(' ')[0]);
const cpuOf = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
};
const rssOf = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

/** Bytes of this run's topics, of the binary logs, and of this run's tables with their indexes. */
async function disk(database) {
  const [logs] = await database.query('SHOW BINARY LOGS').catch(() => [[]]);
  await database.query('SET SESSION information_schema_stats_expiry = 0').catch(() => undefined);
  const [[tables]] = await database.query(
    'SELECT SUM(data_length + index_length) AS bytes FROM information_schema.tables WHERE LEFT(table_schema, ?) = ?',
    [name.length, name],
  );
  const folders = readdirSync(join(INFRA, 'kafka'), { recursive: true }).filter(
    (path) => path.includes(name) && path.endsWith('.log'),
  );
  const kafka = folders.reduce((sum, path) => sum + statSync(join(INFRA, 'kafka', path)).size, 0);
  return {
    tables: Number(tables.bytes),
    binlog: logs.reduce((sum, { File_size: size }) => sum + Number(size), 0),
    kafka,
  };
}

async function connections(root) {
  const [rows] = await root.query(
    'SELECT db, COUNT(*) AS count FROM information_schema.processlist WHERE LEFT(db, ?) = ? GROUP BY db',
    [name.length, name],
  );
  return Object.fromEntries(rows.map(({ db, count }) => [db.slice(name.length + 1), Number(count)]));
}

const fleet = await startFleet(ELEVEN, {
  DB_HOST: hostname,
  DB_PORT: port || '3306',
  DB_USER: username,
  DB_PASSWORD: password,
  DB_NAME: name,
  KAFKA_BROKERS: variables.KAFKA_BROKERS,
  KAFKA_TOPIC_PREFIX: `${name}-`,
  KAFKA_GROUP_ID: name,
  REDIS_URL: variables.REDIS_URL,
  REDIS_PREFIX: `${name}:`,
});
const processes = [
  ...ELEVEN.map(([service], i) => ({ name: service, ...fleet.servers[i] })),
  ...['mysql', 'kafka', 'redis'].map((server) => {
    const pid = serverPid(server);
    return { name: server, cpuMs: () => cpuOf(pid), rssMb: () => rssOf(pid) };
  }),
];
const cpuNow = () => processes.map(({ cpuMs }) => cpuMs());
const minus = (after, before) => after.map((value, i) => value - before[i]);

const root = await createConnection({ user: 'root', socketPath: variables.MYSQL_ROOT_SOCKET });
const { pool } = fleet;
const stock = await stockUp(pool);
const customers = await newCustomers(pool, Math.min(ORDERS, 60));
const lastOf = new Map();
const shift = await new Shift(pool, RIDERS).start();
/** A customer has one cart: the next order waits for the one before. */
const order = async (number) => {
  const customer = customers[number % customers.length];
  const turn = (lastOf.get(customer) ?? Promise.resolve()).then(() => shop(pool, customer, stock));
  lastOf.set(
    customer,
    turn.catch(() => undefined),
  );
  const placed = await turn;
  if (!placed.cancelled) await shift.take(placed);
};
say(`warming up: ${Math.min(20, ORDERS)} orders`);
await openLoop([...Array(Math.min(20, ORDERS)).keys()], RATE, order);
await sleep(5000);
const idleBefore = cpuNow();
await sleep(IDLE_S * 1000);
const idle = minus(cpuNow(), idleBefore).map((ms) => ms / IDLE_S); // CPU milliseconds a second

say(`${ORDERS} orders at ${RATE} a second`);
const [before, diskBefore, startedAt] = [cpuNow(), await disk(root), performance.now()];
const result = await openLoop([...Array(ORDERS).keys()], RATE, order);
await shift.end();
await sleep(3000);
const seconds = (performance.now() - startedAt) / 1000;
const spent = minus(cpuNow(), before).map((ms, i) => Math.max(0, ms - idle[i] * seconds));
const diskAfter = await disk(root);
const done = result.operations;
const facts = {
  at: new Date().toISOString(),
  node: process.version,
  machine: `${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
  mix: MIX,
  orders: done,
  errors: result.errors,
  delivered: shift.delivered,
  seconds,
  connections: await connections(root),
  bytesPerOrder: Object.fromEntries(
    Object.keys(diskAfter).map((key) => [key, (diskAfter[key] - diskBefore[key]) / done]),
  ),
  services: processes.map(({ name: service, rssMb }, i) => ({
    service,
    cpuMsPerOrder: spent[i] / done,
    idleCores: idle[i] / 1000,
    rssMb: rssMb(),
  })),
};
await root.end();
await fleet.stop();
const cleaner = await createConnection(login);
const [mine] = await cleaner.query(
  'SELECT schema_name AS name FROM information_schema.schemata WHERE LEFT(schema_name, ?) = ?',
  [name.length, name],
);
for (const { name: database } of mine) await cleaner.query('DROP DATABASE ??', [database]);
await cleaner.end();
process.stdout.write(options.json ? `${JSON.stringify(facts, null, 2)}\n` : sizes(facts));
process.exit(result.errors > 0 ? 1 : 0);
