import { settings } from '@nakku/config';
import { z } from 'zod';

const milliseconds = (least: number, otherwise: number) =>
  z.coerce.number().int().min(least).max(86_400_000).default(otherwise);

/** How riders are asked, and how long they may take; all in milliseconds. */
export class DeliverySettings extends settings({
  /** How long a rider has to accept an offer. */
  DELIVERY_OFFER_MS: milliseconds(1, 30_000),
  /** How long a rider who let an order pass is not asked again for the same one. */
  DELIVERY_ASK_AGAIN_MS: milliseconds(0, 10_000),
  /** When an order that nobody takes is given up. */
  DELIVERY_NO_RIDER_MS: milliseconds(1, 1_800_000),
  /** How long a rider has to fetch an order that he has accepted, once it is packed. */
  DELIVERY_PICKUP_MS: milliseconds(1, 1_200_000),
  /** How long a rider has from the pickup to the hand-over. */
  DELIVERY_RIDE_MS: milliseconds(1, 7_200_000),
  /** How long a store takes to pack an order, as far as the ETA is concerned. */
  DELIVERY_PREP_MS: milliseconds(0, 300_000),
}) {}
