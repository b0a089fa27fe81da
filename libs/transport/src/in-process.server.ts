import type { Consumer } from './consumer.js';
import type { Envelope } from './event.js';
import { EventServer } from './event.server.js';
import { Lanes } from './lanes.js';

/** Nest's transport strategy for events that stay in this process: collects the `@On` handlers and delivers to them from the outboxes. */
export class InProcessServer extends EventServer {
  override transportId = Symbol('in-process');
  private readonly lanes = new Lanes();

  listen(callback: (error?: unknown) => void): void {
    this.transport.start((envelope) => this.deliver(envelope)).then(() => callback(), callback);
  }

  async close(): Promise<void> {
    await this.transport.stop();
  }

  private async deliver(envelope: Envelope): Promise<void> {
    const consumers = this.consumers.get(envelope.type) ?? [];
    await Promise.all(consumers.map((consumer) => this.inLane(consumer, envelope)));
  }

  private inLane(consumer: Consumer, envelope: Envelope): Promise<void> {
    const lane = `${consumer.domain} ${envelope.source} ${envelope.subject}`;
    return this.lanes.run(lane, async () => void (await consumer.consume(envelope)));
  }
}
