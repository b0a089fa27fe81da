import type { ConnectionOptions } from 'mysql2';
import { Link } from './server.link.js';

/** A connection for looking after a server, apart from its pool: a pool that is in use to the last connection is no sign of death. */
export class Probe {
  private link?: Link;
  private closed = false;

  constructor(
    private readonly connection: ConnectionOptions,
    private readonly setup: readonly string[],
  ) {}

  /** Runs `look` on the connection, or on a new one where it was lost. */
  async ask<T>(look: (link: Link) => Promise<T>): Promise<T> {
    const link = this.link ?? (await this.open());
    return look(link);
  }

  close(): void {
    this.closed = true;
    this.link?.end();
  }

  private async open(): Promise<Link> {
    const link = await Link.open(this.connection, this.setup, { lost: () => (this.link = undefined) });
    if (this.closed) link.end();
    else this.link = link;
    return link;
  }
}
