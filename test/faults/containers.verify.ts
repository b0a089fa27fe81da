import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { eventually, httpClientOf } from '@nakku/testing';
import type { Deployment } from '../processes/deployment.js';
import { Books } from './books.js';
import { OrderStream, UNHURRIED_MS } from './stream.js';

/** Run by deploy/verify/faults.sh, which brings the containers up and says where they answer. */
const url = process.env.NAKKU_URL ?? '';
const CLIENTS = 4;
const OUTAGE_MS = 15_000;
const WELL_MS = 180_000;
const nakku: Deployment = { url, http: httpClientOf(url), stop: async () => undefined };

jest.setTimeout(600_000);

async function docker(...args: string[]): Promise<string> {
  return (await promisify(execFile)('docker', args)).stdout.trim();
}

async function containersOf(service: string): Promise<string[]> {
  const labels = [`project=${process.env.COMPOSE_PROJECT_NAME}`, `service=${service}`].flatMap((label) => [
    '--filter',
    `label=com.docker.compose.${label}`,
  ]);
  return (await docker('ps', '--quiet', ...labels)).split('\n').filter(Boolean);
}

const kill = (ids: readonly string[]) => docker('kill', '--signal', 'KILL', ...ids);

async function startAgain(ids: readonly string[]): Promise<void> {
  await docker('start', ...ids);
  await eventually(
    'the containers being well again',
    async () => {
      const health = await docker('inspect', '--format', '{{.State.Health.Status}}', ...ids);
      return health.split('\n').every((status) => status === 'healthy');
    },
    WELL_MS,
  );
}

/** Orders go on while something happens; afterwards the books must balance, and nobody has seen worse than a 503 that says when to come back. */
async function during(happens: (stream: OrderStream) => Promise<void>): Promise<void> {
  const books = await Books.open(nakku);
  const stream = await new OrderStream(nakku, books.productIds).start(CLIENTS, UNHURRIED_MS);
  const started = Date.now();
  try {
    await stream.more(CLIENTS);
    await happens(stream);
    await stream.more(CLIENTS);
  } finally {
    await stream.stop();
  }
  const seconds = Math.round((Date.now() - started) / 1000);
  process.stdout.write(
    `${expect.getState().currentTestName}: ${stream.acknowledged.length} orders in ${seconds} s, ${stream.broken.length} broken connections, ${stream.wrong.length} wrong answers\n`,
  );
  expect(stream.wrong).toEqual([]);
  expect(stream.broken).toEqual([]);
  await books.balance(stream.acknowledged);
}

/** One of them dies, is away for a while, and comes back. */
const away = (service: string) => async () => {
  const [victim] = await containersOf(service);
  await kill([victim!]);
  await sleep(OUTAGE_MS);
  await startAgain([victim!]);
};

describe('the clustered profile, while', () => {
  beforeAll(() => {
    if (!url) throw new Error('NAKKU_URL must say where the balancer answers: run deploy/verify/faults.sh');
  });

  it.each(['api-gateway', 'order-service', 'kafka-2', 'mysql-replica-1', 'redis-2'])(
    'one %s is killed and comes back, loses nothing',
    (service) => during(away(service)),
  );

  it('all of Redis is killed and comes back, loses nothing', () =>
    during(async (stream) => {
      const nodes = (await Promise.all(['redis-1', 'redis-2', 'redis-3'].map(containersOf))).flat();
      expect(nodes).toHaveLength(3);
      await kill(nodes);
      const before = stream.acknowledged.length;
      await sleep(OUTAGE_MS);
      expect(stream.acknowledged.length).toBeGreaterThan(before);
      await startAgain(nodes);
    }));

  it('MySQL’s primary is lost for good and a replica takes its place, loses nothing', () =>
    during(async () => {
      await kill(await containersOf('mysql-primary'));
      const { NAKKU_COMPOSE_FILE: file = '' } = process.env;
      const { stderr } = await promisify(execFile)('deploy/backup/mysql-promote.sh', ['--file', file]);
      process.stdout.write(stderr);
      expect(stderr).toContain('mysql-primary takes writes again, and mysql-replica-1 mysql-replica-2 follow it');
    }));
});
