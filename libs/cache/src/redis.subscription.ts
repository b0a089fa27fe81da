import type { Redis } from 'ioredis';

const RETRY_MS = 500;
const HEARTBEAT_MS = 2000;

/** What a subscriber does. What is published while it is `lost` never reaches it. */
export interface Subscriber {
  message(text: string): void;
  live(): void;
  lost(): void;
}

/** Listens to one channel on a connection of its own, and opens another, for ever, when that one ends. */
export class Subscription {
  private connection?: Redis;
  private timer?: NodeJS.Timeout;
  private live = false;
  private closed = false;
  private turn = 0;

  constructor(
    private readonly channel: string,
    private readonly subscriber: Subscriber,
    private readonly open: (turn: number) => Redis,
  ) {
    this.listen();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.connection?.disconnect();
  }

  private listen(): void {
    const connection = this.open(this.turn++);
    this.connection = connection;
    connection.on('error', () => undefined); // 'end' follows
    connection.on('message', (_channel, text: string) => this.subscriber.message(text));
    connection.on('ready', () => {
      connection.subscribe(this.channel).then(
        () => this.begin(connection),
        () => connection.disconnect(),
      );
    });
    connection.on('end', () => this.end());
  }

  private begin(connection: Redis): void {
    if (connection.status !== 'ready') return;
    this.live = true;
    this.subscriber.live();
    this.beat(connection);
  }

  /** A connection whose other end has vanished without a word looks like one on which nobody publishes. */
  private beat(connection: Redis): void {
    this.timer = setTimeout(() => {
      connection.ping().then(
        () => this.live && this.connection === connection && this.beat(connection),
        () => connection.disconnect(),
      );
    }, HEARTBEAT_MS).unref();
  }

  private end(): void {
    clearTimeout(this.timer);
    if (this.live) this.subscriber.lost();
    this.live = false;
    if (!this.closed) this.timer = setTimeout(() => this.listen(), RETRY_MS).unref();
  }
}
