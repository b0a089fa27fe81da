import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import { In, MoreThan } from 'typeorm';
import { EditionRepository } from './edition.repository.js';
import { Zone, ZoneCell } from './zone.entity.js';

/** SQLite and MySQL bound the number of variables of a statement. */
const CHUNK = 500;

@Injectable()
export class ZoneRepository {
  constructor(
    private readonly database: Database,
    private readonly editions: EditionRepository,
  ) {}

  /** Begins a change of the zones; until the transaction ends nobody else can. */
  claim(): Promise<void> {
    return this.editions.next('zones');
  }

  isEmpty(): Promise<boolean> {
    return this.database.manager.exists(Zone).then((some) => !some);
  }

  find(id: string): Promise<Zone | null> {
    return this.database.manager.findOneBy(Zone, { id });
  }

  /** In the order of their ids, from the one after `after` on. */
  list(after = '', limit?: number): Promise<Zone[]> {
    return this.database.manager.find(Zone, { where: { id: MoreThan(after) }, order: { id: 'ASC' }, take: limit });
  }

  cells(): Promise<ZoneCell[]> {
    return this.database.manager
      .createQueryBuilder(ZoneCell, 'row')
      .select('row.cell', 'cell')
      .addSelect('row.zoneId', 'zoneId')
      .getRawMany();
  }

  /** The zones that have one of these cells. */
  async near(cells: readonly string[]): Promise<Zone[]> {
    const ids = new Set<string>();
    for (const some of chunks(cells)) {
      const query = this.database.manager.createQueryBuilder(ZoneCell, 'row').select('DISTINCT row.zoneId', 'zoneId');
      const rows = await query.where('row.cell IN (:...some)', { some }).getRawMany<{ zoneId: string }>();
      for (const { zoneId } of rows) ids.add(zoneId);
    }
    return ids.size === 0 ? [] : this.database.manager.findBy(Zone, { id: In([...ids]) });
  }

  async insert(zone: Zone): Promise<void> {
    await this.database.manager.createQueryBuilder().insert().into(Zone).values(zone).updateEntity(false).execute();
  }

  /** False when there is no such zone. */
  async update(id: string, changes: Partial<Omit<Zone, 'id'>>): Promise<boolean> {
    const update = this.database.manager.createQueryBuilder().update(Zone).set(changes);
    const { affected } = await update.where('id = :id', { id }).execute();
    return affected === 1;
  }

  async setCells(zoneId: string, cells: readonly string[]): Promise<void> {
    const { manager } = this.database;
    await manager.createQueryBuilder().delete().from(ZoneCell).where('zone_id = :zoneId', { zoneId }).execute();
    for (const some of chunks(cells)) {
      const rows = some.map((cell) => ({ cell, zoneId }));
      await manager.createQueryBuilder().insert().into(ZoneCell).values(rows).updateEntity(false).execute();
    }
  }

  /** Its cells are deleted too. False when there is no such zone. */
  async delete(id: string): Promise<boolean> {
    await this.setCells(id, []);
    const { affected } = await this.database.manager
      .createQueryBuilder()
      .delete()
      .from(Zone)
      .where('id = :id', { id })
      .execute();
    return affected === 1;
  }
}

const chunks = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / CHUNK) }, (_, i) => items.slice(i * CHUNK, (i + 1) * CHUNK));
