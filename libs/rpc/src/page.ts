import { z } from 'zod';
import { badRequest } from './problem.js';

/** The query of every list: `limit` 1–100 (20) and an opaque `cursor`. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(1024).optional(),
});
export type PageQuery = z.output<typeof PageQuery>;

/** One page of a list. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** The schema of one page of `item`. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

/** Packs the sort values of a page's last row. Opaque to clients; nothing secret may be in it. */
export const encodeCursor = (values: unknown): string => Buffer.from(JSON.stringify(values)).toString('base64url');

/** Reads a cursor back; anything that `schema` refuses is 400 `INVALID_CURSOR`. */
export function decodeCursor<T extends z.ZodType>(cursor: string, schema: T): z.output<T> {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw badRequest('INVALID_CURSOR', 'The cursor is not one that this list gave out.');
  }
}

/** Turns `limit + 1` rows into a page: the extra row only tells that there is more. */
export function paged<T>(rows: T[], limit: number, cursorOf: (last: T) => unknown): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? encodeCursor(cursorOf(last)) : null };
}
