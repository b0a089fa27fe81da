import { Logger } from '@nestjs/common';
import type { Database } from '@nakku/database';
import { LessThanOrEqual, Not } from 'typeorm';
import { type OutboxRelay, OutboxRow } from './transport.entity.js';

/** By name: a relay must not fail to show life because whoever opened the database has not listed the entity. */
const RELAYS = 'outbox_relays';
const ROWS_AT_ONCE = 1000;
const BEATS_IN_TAKEOVER = 4;

/** The relays that share an outbox: each shows that it lives, and takes over the rows of those that do no longer. */
export class RelayPeers {
  private readonly logger = new Logger('relay');
  /** The last beat of each other relay, and when it was first seen, in milliseconds of our own steady clock. */
  private readonly seen = new Map<string, { beat: number; at: number }>();
  private nextBeat = 0;
  private lookedAt = 0;

  constructor(
    private readonly database: Database,
    private readonly owner: string,
    private readonly takeoverMs: number,
  ) {}

  /** Shows life, if it is time to; registers again when the others thought us dead. */
  async beat(): Promise<void> {
    if (performance.now() < this.nextBeat) return;
    const { owner } = this;
    await this.database.transaction(async () => {
      const { manager } = this.database;
      const { affected } = await manager
        .createQueryBuilder()
        .update(RELAYS)
        .set({ beat: () => 'beat + 1' })
        .where('owner = :owner', { owner })
        .execute();
      if (affected === 0) await manager.query(`INSERT INTO ${RELAYS} (owner, beat) VALUES (?, 1)`, [owner]);
    });
    this.nextBeat = performance.now() + this.takeoverMs / BEATS_IN_TAKEOVER;
  }

  /** Takes over the rows of relays that have gone, or have shown no life for long; tells whether there were any. */
  async takeOver(): Promise<boolean> {
    const others = await this.others();
    this.forgive();
    const silent = others.filter((other) => this.isSilent(other));
    const present = new Set(others.map(({ owner }) => owner));
    for (const owner of this.seen.keys()) if (!present.has(owner)) this.seen.delete(owner);
    const owners = await this.ownersOfRows();
    const orphaned = owners.filter((owner) => !present.has(owner) || silent.some((relay) => relay.owner === owner));
    for (const owner of orphaned) await this.takeFrom(owner);
    for (const { owner, beat } of silent)
      await this.database.manager.query(`DELETE FROM ${RELAYS} WHERE owner = ? AND beat = ?`, [owner, beat]);
    return orphaned.length > 0;
  }

  /** The others need not wait to take over what is left. */
  async leave(): Promise<void> {
    await this.database.manager.query(`DELETE FROM ${RELAYS} WHERE owner = ?`, [this.owner]);
  }

  private others(): Promise<OutboxRelay[]> {
    return this.database.manager.query(`SELECT owner, beat FROM ${RELAYS} WHERE owner <> ?`, [this.owner]);
  }

  /** Who did not look for long (the database was away) cannot say that the others were silent: perhaps they could not write either. */
  private forgive(): void {
    const now = performance.now();
    if (now - this.lookedAt > this.takeoverMs / 2) this.seen.clear();
    this.lookedAt = now;
  }

  private isSilent({ owner, beat }: OutboxRelay): boolean {
    const last = this.seen.get(owner);
    if (last?.beat === beat) return performance.now() - last.at > this.takeoverMs;
    this.seen.set(owner, { beat, at: performance.now() });
    return false;
  }

  private async ownersOfRows(): Promise<string[]> {
    const rows = await this.database.manager
      .createQueryBuilder(OutboxRow, 'row')
      .select('row.owner', 'owner')
      .distinct()
      .where({ owner: Not(this.owner) })
      .getRawMany<{ owner: string }>();
    return rows.map(({ owner }) => owner);
  }

  /** In steps, so that no statement locks a long backlog; a step that another relay was faster with finds nothing. */
  private async takeFrom(dead: string): Promise<void> {
    const where = { owner: dead };
    for (;;) {
      const rows = await this.database.manager.find(OutboxRow, {
        select: { id: true, seq: true },
        where,
        order: { seq: 'ASC' },
        take: ROWS_AT_ONCE,
      });
      if (rows.length === 0) return;
      await this.database.transaction(() =>
        this.database.manager.update(
          OutboxRow,
          { ...where, seq: LessThanOrEqual(rows.at(-1)!.seq) },
          { owner: this.owner },
        ),
      );
      this.logger.warn({ domain: this.database.name, events: rows.length }, 'took over events of a relay that is gone');
    }
  }
}
