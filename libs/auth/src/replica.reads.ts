import { createHash } from 'node:crypto';
import { Injectable, Optional } from '@nestjs/common';
import { RecentWriters } from '@nakku/cache';
import { Environment } from '@nakku/config';
import { DatabaseSettings } from '@nakku/database';
import { type Actor, currentContext, type Fastify } from '@nakku/observability';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Bearer } from './token.service.js';

/** How long a write is recent at least, and by how much it must outlast the lag at which a replica is given up: the time until that is noticed. */
const RECENT_MS = 5000;
const NOTICED_MS = 3000;
const READS = new Set(['GET', 'HEAD']);

/** Lets reads go to replicas, except for somebody who wrote a moment ago: they find what they wrote. Does nothing where no replica is configured. */
@Injectable()
export class ReplicaReads {
  readonly active: boolean;
  private readonly recentMs: number;

  constructor(
    @Optional() environment?: Environment,
    @Optional() private readonly writers?: RecentWriters,
  ) {
    const settings = environment?.get(DatabaseSettings);
    this.active = settings !== undefined && hasReplicas(settings);
    this.recentMs = Math.max(RECENT_MS, (settings?.DB_REPLICA_MAX_LAG_MS ?? 0) + NOTICED_MS);
    if (writers) writers.recentMs = this.recentMs;
  }

  /** Marks the context of a read that may be a moment old. `bearer`: the good token that came with it. */
  async decide(request: FastifyRequest, bearer: Bearer | undefined): Promise<void> {
    // Who got a token this lately may have registered with it, or signed in on a cart: they have written.
    if (!READS.has(request.method) || (bearer && Date.now() - bearer.issuedAt < this.recentMs)) return;
    const keys = [bearer && ofActor(bearer.actor), ofGuest(request.headers['x-cart-token'])];
    if (!(await this.anyRecent(keys.filter((key) => key !== undefined)))) currentContext().reads = 'replica';
  }

  /** Remembers who has written, before they hear that it was done. */
  async remember(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (READS.has(request.method) || request.url.startsWith('/internal/')) return;
    const { actor } = currentContext();
    const guests = [request.headers['x-cart-token'], reply.getHeader('x-cart-token')].map(ofGuest);
    const keys = [actor && ofActor(actor), ...guests].filter((key) => key !== undefined);
    await Promise.all(keys.map(async (key) => this.writers?.mark(key)));
  }

  private async anyRecent(keys: readonly string[]): Promise<boolean> {
    const recent = await Promise.all(keys.map(async (key) => (await this.writers?.has(key)) ?? true));
    return recent.includes(true);
  }
}

/** Whether some domain of the process may read from replicas. */
export const hasReplicas = (settings: DatabaseSettings): boolean =>
  Object.entries(settings).some(([name, value]) => name.endsWith('DB_REPLICA_HOSTS') && Array.isArray(value));

/** Remembers every writer before the answer leaves. */
export function rememberWriters(fastify: Fastify, reads: ReplicaReads): void {
  if (reads.active) fastify.addHook('onSend', (request, reply) => reads.remember(request, reply));
}

const ofActor = ({ id }: Actor): string => `user ${id}`;

const ofGuest = (token: unknown): string | undefined =>
  typeof token === 'string' && token ? `guest ${createHash('sha256').update(token).digest('hex')}` : undefined;
