import { z } from 'zod';

/** A UUIDv7 (any UUID is accepted). */
export const Id = z.uuid();
/** ISO 8601 in UTC, to the millisecond. */
export const Instant = z.iso.datetime();
/** Money in minor units (paise). */
export const Amount = z.int().min(0).max(1_000_000_000_000);
/** ISO 4217. */
export const Currency = z.string().regex(/^[A-Z]{3}$/);
export const DEFAULT_CURRENCY = 'INR';
export const Money = z.object({ amount: Amount, currency: Currency });
export const Lat = z.number().min(-90).max(90);
export const Lng = z.number().min(-180).max(180);
export const LatLng = z.object({ lat: Lat, lng: Lng });
/** Pieces of one product: 1–50 on a line. */
export const Quantity = z.int().min(1).max(50);
/** How many of what. */
export const ProductQuantity = z.object({ productId: Id, quantity: Quantity });
export const PaymentMethod = z.enum(['cod', 'card', 'upi', 'wallet']);
/** An operation that has nothing to answer. */
export const Done = z.object({});
