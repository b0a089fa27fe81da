import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, freshPrefix, namesWith, type OwnServer, ownServer } from '@nakku/testing';
import {
  closeDatabases,
  type Databases,
  dataOf,
  type Handle,
  openDatabases,
  type Process,
  processOn,
} from './city.fixture.js';
import { OutboxRow } from './index.js';
import { isReady } from './kafka.fixture.js';

type OwnKafka = OwnServer & { env: Record<string, string> };
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** A process on a cluster of its own that publishes while brokers come and go. */
class Stream {
  /** The steps of each key in the order in which they had their effect. */
  readonly seen = new Map<string, number[]>();
  private steps = 0;
  private going?: Promise<void>;
  private ending = false;

  private constructor(
    private readonly dataDir: string,
    readonly databases: Databases,
    readonly process: Process,
  ) {}

  static async on(kafka: OwnKafka, env: Record<string, string> = {}): Promise<Stream> {
    const dataDir = mkdtempSync(join(tmpdir(), 'nakku-test-'));
    const databases = await openDatabases({ dataDir });
    const cart: Handle = async (event) => {
      const { orderId, step } = dataOf(event);
      stream.seen.set(orderId, [...(stream.seen.get(orderId) ?? []), step]);
    };
    const soon = { KAFKA_SESSION_TIMEOUT_MS: '6000' }; // when the group gives up the member that the outage has cut off
    const process = processOn(databases, { cart }, { ...kafka.env, ...namesWith(freshPrefix()), ...soon, ...env });
    const stream: Stream = new Stream(dataDir, databases, process);
    return stream;
  }

  /** Starts, and publishes on and on once a first event has arrived. */
  async begin(): Promise<void> {
    await this.process.start();
    await this.publish();
    await eventually('the first events', async () => this.arrived());
    this.going = this.goOn();
  }

  /** Publishes no more; resolves when all have had their effect, each once and in order. */
  async allArrive(): Promise<void> {
    this.ending = true;
    await this.going;
    await eventually('all events', async () => this.arrived(), 50_000);
    for (const key of KEYS) expect(this.seen.get(key)).toEqual(Array.from({ length: this.steps }, (_, step) => step));
    const { manager } = this.databases.order;
    await eventually('an empty outbox', async () => (await manager.count(OutboxRow)) === 0);
  }

  async publish(): Promise<void> {
    const step = this.steps++;
    await Promise.all(KEYS.map((key) => this.process.publish(key, step)));
  }

  async end(): Promise<void> {
    this.ending = true;
    await this.going;
    await this.process.close();
    await closeDatabases(this.databases);
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  private arrived(): boolean {
    return KEYS.every((key) => (this.seen.get(key)?.length ?? 0) >= this.steps);
  }

  private async goOn(): Promise<void> {
    for (; !this.ending; await sleep(20)) await this.publish();
  }
}

describe('events while Kafka is away', () => {
  let broker: OwnKafka;
  let stream: Stream;

  beforeAll(async () => (broker = await ownServer('kafka')), 120_000);
  afterAll(() => broker.remove());
  beforeEach(async () => (stream = await Stream.on(broker)));
  afterEach(() => stream.end());

  it.each([
    ['SIGKILL', 10_000],
    ['SIGSTOP', 4000],
  ] as const)(
    'arrive once and in order after it is back from a %s, while the process goes on publishing',
    async (signal, ms) => {
      await stream.begin();
      await broker.stop(signal);
      await sleep(ms);
      await expect(stream.process.kafka!.checkBrokers()).rejects.toThrow();
      await expect(stream.process.kafka!.checkConsumers()).resolves.toBeUndefined(); // a restart would not help
      await broker.start();
      await stream.allArrive();
      await expect(stream.process.kafka!.checkBrokers()).resolves.toBeUndefined();
    },
    90_000,
  );

  it('begin to flow when a process was started before its broker, and hold up no stop', async () => {
    await broker.stop('SIGKILL');
    await stream.process.start();
    await stream.publish();
    await eventually('readiness without a broker', () => isReady(stream.process.kafka!));
    const stoppedAt = performance.now();
    await stream.process.close();
    expect(performance.now() - stoppedAt).toBeLessThan(9000);
    expect(await stream.databases.order.manager.count(OutboxRow)).toBe(KEYS.length);
    await stream.end();
    stream = await Stream.on(broker);
    await stream.process.start();
    await stream.publish();
    await broker.start();
    await stream.allArrive();
  }, 60_000);
});

describe('events on a cluster of three', () => {
  let cluster: OwnKafka;
  let stream: Stream;

  beforeAll(async () => (cluster = await ownServer('kafka3')), 180_000);
  afterAll(() => cluster.remove());
  afterEach(() => stream.end());

  it('are neither lost nor doubled nor mixed up when brokers die one after the other', async () => {
    stream = await Stream.on(cluster, { KAFKA_REPLICATION: '3', KAFKA_MIN_ISR: '2' });
    await stream.begin();
    for (const node of cluster.nodes.slice(0, 2)) {
      await node.stop('SIGKILL');
      await sleep(3000);
      await node.start();
      await sleep(2000);
    }
    await stream.allArrive();
  }, 180_000);
});
