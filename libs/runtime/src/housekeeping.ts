import { type Database, deleteInBatches } from '@nakku/database';
import { InboxRow } from '@nakku/transport';
import { LessThan } from 'typeorm';

/** An event is delivered again for as long as its sender keeps it; a week is far longer than any broker or outbox does here. */
const INBOX_KEPT_MS = 7 * 24 * 3600_000;

/** Forgets which events were handled more than a week ago. */
export async function sweepInbox(database: Database): Promise<void> {
  const handledAt = LessThan(new Date(Date.now() - INBOX_KEPT_MS).toISOString());
  await deleteInBatches(database, InboxRow, 'eventId', { handledAt });
}
