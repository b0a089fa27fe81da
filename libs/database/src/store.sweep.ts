import { type FindOptionsSelect, type FindOptionsWhere, In, type ObjectLiteral } from 'typeorm';
import type { Database } from './store.database.js';

const BATCH = 500;

/**
 * Deletes the rows of `entity` that fit, 500 to a transaction, by their primary key; returns how many. One statement over all of them would
 * hold its locks, and everybody who waits for one, for as long as it takes. Two copies of a service may do it at once.
 */
export async function deleteInBatches<T extends ObjectLiteral>(
  database: Database,
  entity: new () => T,
  key: keyof T & string,
  where: FindOptionsWhere<T>,
): Promise<number> {
  const select = { [key]: true } as FindOptionsSelect<T>;
  for (let deleted = 0; ;) {
    const rows = await database.manager.find(entity, { select, where, take: BATCH });
    if (rows.length === 0) return deleted;
    const ids = rows.map((row) => row[key]);
    const remove = () =>
      database.manager
        .createQueryBuilder()
        .delete()
        .from(entity)
        .where({ ...where, [key]: In(ids) }) // a row may have been taken up again meanwhile
        .execute();
    await database.transaction(remove, { lazy: true });
    deleted += ids.length;
    if (ids.length < BATCH) return deleted;
  }
}
