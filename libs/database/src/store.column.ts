import type { ColumnOptions, TableColumnOptions } from 'typeorm';

/** A driver may give a 64-bit integer as a text. A number beyond 2^53 has lost digits already, so it is refused rather than stored. */
const integers = {
  to(value: unknown): unknown {
    if (typeof value === 'number' && !Number.isSafeInteger(value))
      throw new RangeError(`${value} is not a safe integer`);
    return value;
  },
  from(value: string | number | null): number | null {
    return value === null || value === undefined ? null : integer(Number(value));
  },
};

function integer(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError('a stored amount is not a safe integer');
  return value;
}

/** For money and other integers that may pass 2^31: `@Column({ ...AMOUNT, name: 'total_amount' })`. The entity has numbers, safe integers only. */
export const AMOUNT = { type: 'bigint', transformer: integers } as const satisfies ColumnOptions;

/** The column of an AMOUNT in a migration. */
export const amountColumn = (name: string, more: Partial<TableColumnOptions> = {}): TableColumnOptions => ({
  name,
  type: 'bigint',
  ...more,
});
