import { settings } from '@nakku/config';
import { z } from 'zod';

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

/** How the stores' hours and new stock rows are read. */
export class InventorySettings extends settings({
  /** Where the clocks hang that the stores open and close by. */
  INVENTORY_TIME_ZONE: z
    .string()
    .default('Asia/Kolkata')
    .refine(isTimeZone)
    .describe('an IANA time zone such as Asia/Kolkata'),
  /** The threshold of stock that was not seeded, in pieces. */
  INVENTORY_LOW_STOCK: z.coerce.number().int().min(0).max(100_000).default(10),
}) {}
