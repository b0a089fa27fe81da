import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import { type Content, Edition } from './edition.entity.js';

@Injectable()
export class EditionRepository {
  constructor(private readonly database: Database) {}

  async current(content: Content): Promise<number> {
    return (await this.database.manager.findOneByOrFail(Edition, { content })).number;
  }

  /** Begins a change of the content. Until the transaction ends nobody else can: what was checked after this stays true. */
  async next(content: Content): Promise<void> {
    const update = this.database.manager.createQueryBuilder().update(Edition);
    await update
      .set({ number: () => 'number + 1' })
      .where('content = :content', { content })
      .execute();
  }
}
