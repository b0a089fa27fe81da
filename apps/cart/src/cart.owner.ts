import { createHash, randomBytes } from 'node:crypto';
import type { Actor } from '@nakku/observability';

/** Whose cart it is: a customer's, a guest's, or nobody's yet. */
export interface Owner {
  customerId?: string;
  /** sha256 of the guest's token, in hex. */
  tokenHash?: string;
}

/** The signed-in customer's own cart goes before whatever guest token came along. */
export function ownerOf(actor: Actor | undefined, guestToken: string | undefined): Owner {
  if (actor) return { customerId: actor.id };
  return guestToken === undefined ? {} : guest(guestToken);
}

/** A guest who shows this token. */
export const guest = (token: string): Owner => ({ tokenHash: createHash('sha256').update(token).digest('hex') });

/** A token that nobody can guess: 256 random bits. */
export const newGuestToken = (): string => randomBytes(32).toString('base64url');
