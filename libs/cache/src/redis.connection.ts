import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { type CacheSettings, type Endpoint, endpointOf } from './cache.settings.js';
import { connect, connectOnce, type RedisClient } from './redis.client.js';
import { type Subscriber, Subscription } from './redis.subscription.js';

/** How long Redis is left alone after a failure: so a dead one costs one wait, and not one for every request. */
const PAUSE_MS = 1000;
const COMPLAIN_MS = 60_000;

/** Errors of one command, of which the next need not be afraid. */
const OF_ONE_COMMAND = new Set(['ReplyError', 'TypeError', 'RangeError', 'SyntaxError']);

/** The process's connection to Redis, which may be gone at any time, or not configured at all: whoever uses it must be able to do without. */
export class RedisConnection implements OnApplicationShutdown {
  /** Undefined when Redis is not configured. */
  readonly client?: RedisClient;
  /** How often it has come up: what was read in another session may have been lost since. */
  session = 0;
  /** When it came up, in epoch milliseconds. */
  upSince = 0;
  private readonly endpoint?: Endpoint;
  private readonly prefix: string;
  private readonly logger = new Logger('redis');
  private readonly listeners: (() => void)[] = [];
  private readonly subscriptions: Subscription[] = [];
  private isUp = false;
  private closed = false;
  private missed = false;
  private probing?: NodeJS.Timeout;
  private lastError: unknown;
  private complainedAt = -Infinity;

  constructor(settings: CacheSettings) {
    this.prefix = settings.REDIS_PREFIX;
    this.endpoint = endpointOf(settings);
    if (!this.endpoint) return;
    this.client = connect(this.endpoint, this.prefix);
    this.client.on('error', (error: Error) => (this.lastError = error));
    this.client.on('ready', () => void this.probe());
    this.client.on('close', () => this.failed(this.lastError ?? new Error('the connection to Redis was closed')));
  }

  /** Connects, and waits for that for a second at most. */
  static async open(settings: CacheSettings): Promise<RedisConnection> {
    const connection = new RedisConnection(settings);
    if (connection.client) await connection.opened();
    return connection;
  }

  get configured(): boolean {
    return this.client !== undefined;
  }

  /** Whether it answered when it was last asked. */
  get up(): boolean {
    return this.isUp;
  }

  /** What `work` gives (never undefined); undefined when Redis does not answer: at once while it is left alone, else in time. */
  async attempt<T>(work: (client: RedisClient) => Promise<T>): Promise<T | undefined> {
    if (!this.client || !this.isUp) return undefined;
    try {
      return await this.inTime(work(this.client));
    } catch (error) {
      this.failed(error);
      return undefined;
    }
  }

  /** Throws when it does not answer. */
  async ping(): Promise<void> {
    if (this.client) await this.inTime(this.client.ping());
  }

  /** Calls `listener` each time it has come up. */
  onUp(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Calls `subscriber` with what any process publishes to the channel. */
  subscribe(channel: string, subscriber: Subscriber): void {
    const { endpoint } = this;
    if (!endpoint) return;
    this.subscriptions.push(new Subscription(this.prefix + channel, subscriber, (turn) => connectOnce(endpoint, turn)));
  }

  /** Tells the subscribers of all processes, this one too. Rejects when Redis does not answer. */
  async publish(channel: string, text: string): Promise<void> {
    await this.client?.publish(this.prefix + channel, text);
  }

  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    this.isUp = false;
    clearTimeout(this.probing);
    for (const subscription of this.subscriptions) subscription.close();
    const { client } = this;
    // What was sent and not waited for is let through.
    if (client) await this.inTime(client.quit()).catch(() => client.disconnect());
  }

  private opened(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.miss(this.lastError, 'redis does not answer: starting without it');
        resolve();
      }, PAUSE_MS);
      this.onUp(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private failed(error: unknown): void {
    if (error instanceof Error && OF_ONE_COMMAND.has(error.name)) this.complain(error);
    else if (this.isUp) this.wentDown(error);
  }

  private wentDown(error: unknown): void {
    this.isUp = false;
    this.miss(error, 'redis does not answer: going on without it');
    this.probeLater();
  }

  private miss(err: unknown, message: string): void {
    this.missed = true;
    this.logger.warn({ err }, message);
  }

  private probeLater(): void {
    clearTimeout(this.probing);
    if (!this.closed) this.probing = setTimeout(() => void this.probe(), PAUSE_MS).unref();
  }

  private async probe(): Promise<void> {
    try {
      await this.ping();
    } catch (error) {
      this.lastError = error;
      return this.probeLater();
    }
    if (!this.isUp && !this.closed) this.cameUp();
  }

  private cameUp(): void {
    clearTimeout(this.probing);
    this.isUp = true;
    this.upSince = Date.now();
    this.lastError = undefined;
    this.session++;
    if (this.missed) this.logger.log('redis answers again');
    this.missed = false;
    for (const listener of this.listeners) listener();
  }

  private complain(err: Error): void {
    if (Date.now() < this.complainedAt + COMPLAIN_MS) return;
    this.complainedAt = Date.now();
    this.logger.warn({ err }, 'a redis command failed');
  }

  private async inTime<T>(work: Promise<T>): Promise<T> {
    const ms = this.endpoint?.timeoutMs;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const giveUp = () => reject(new Error(`Redis did not answer within ${ms} ms`));
      // When it was this process that stood still, the answer is there already, and is read before the immediate.
      timer = setTimeout(() => setImmediate(giveUp), ms);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
