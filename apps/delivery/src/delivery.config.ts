import { settings } from '@nakku/config';
import { z } from 'zod';

const milliseconds = (least: number, otherwise: number) =>
  z.coerce.number().int().min(least).max(86_400_000).default(otherwise);

/** How riders are asked; all in milliseconds. */
export class DeliverySettings extends settings({
  /** How long a rider has to accept an offer. */
  DELIVERY_OFFER_MS: milliseconds(1, 30_000),
  /** How long a rider who let an order pass is not asked again for the same one. */
  DELIVERY_ASK_AGAIN_MS: milliseconds(0, 10_000),
  /** When an order that nobody takes is given up. */
  DELIVERY_NO_RIDER_MS: milliseconds(1, 1_800_000),
  /** How long a store takes to pack an order, as far as the ETA is concerned. */
  DELIVERY_PREP_MS: milliseconds(0, 300_000),
}) {}
