import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access } from '@nakku/auth';
import { CoreSettings } from '@nakku/config';
import { DOMAIN_NAMES, type DomainName } from '@nakku/contracts';
import { decodeCursor, IdPipe, notFound, paged, Problem, Returns } from '@nakku/rpc';
import { Peers, readTopology } from '@nakku/runtime';
import { z } from 'zod';
import { AdminPageQuery, DeadLetterPage, OutboxPage, TopologyView } from './admin.dto.js';

/** What an operator asks across the domains. */
@Controller('admin')
@ApiTags('admin')
@Access('admin')
export class AdminController {
  constructor(
    private readonly peers: Peers,
    private readonly core: CoreSettings,
  ) {}

  /** The events that a domain could not handle, newest first. */
  @Get('dead-letters')
  @Returns(200, DeadLetterPage)
  async deadLetters(@Query() { limit, cursor }: AdminPageQuery) {
    const before = cursor ? decodeCursor(cursor, z.uuid()) : undefined;
    const pages = await Promise.all(
      DOMAIN_NAMES.map((domain) => this.peers.events(domain).deadLetters({ limit: limit + 1, before })),
    );
    const newestFirst = pages.flatMap(({ items }) => items).sort((a, b) => (a.id < b.id ? 1 : -1));
    return paged(newestFirst, limit, ({ id }) => id);
  }

  /** Handles a dead letter's event once more; 422 `REPLAY_FAILED` leaves it where it is. */
  @Post('dead-letters/:id/replay')
  @HttpCode(204)
  @Returns(204)
  async replay(@Param('id', IdPipe) id: string): Promise<void> {
    let unreachable: Problem | undefined;
    for (const domain of DOMAIN_NAMES) {
      const replayed = await this.replayAt(domain, id).catch((error: unknown) => {
        if (!(error instanceof Problem) || error.status !== 503) throw error;
        unreachable ??= error; // it may be another domain's
      });
      if (replayed) return;
    }
    throw unreachable ?? notFound('dead letter');
  }

  /** How many events wait in each domain's outbox, and how old the oldest is. */
  @Get('outbox')
  @Returns(200, OutboxPage)
  async outbox() {
    const items = await Promise.all(
      DOMAIN_NAMES.map(async (domain) => {
        const backlog = await this.peers
          .events(domain)
          .outbox({})
          .catch(() => undefined);
        return backlog ? { ...backlog, reachable: true } : { domain, pending: 0, oldestSeconds: 0, reachable: false };
      }),
    );
    return { items, nextCursor: null };
  }

  /** Which services share a process. */
  @Get('topology')
  @Returns(200, TopologyView)
  topology() {
    const { name, processes } = readTopology(this.core.TOPOLOGY);
    return { name, processes, here: this.peers.here() };
  }

  private async replayAt(domain: DomainName, id: string): Promise<boolean> {
    try {
      await this.peers.events(domain).replay({ id });
      return true;
    } catch (error) {
      if (error instanceof Problem && error.code === 'DEAD_LETTER_NOT_FOUND') return false;
      throw error;
    }
  }
}
