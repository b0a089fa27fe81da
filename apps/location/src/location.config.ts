import { settings } from '@nakku/config';
import { z } from 'zod';

/** How long things take on the road. */
export class LocationSettings extends settings({
  /** From the order to the rider's start. */
  LOCATION_PREP_MINUTES: z.coerce.number().min(0).max(120).default(8),
  /** How much longer roads are than the straight line. */
  LOCATION_DETOUR: z.coerce.number().min(1).max(5).default(1.3),
  LOCATION_RIDING_KMH: z.coerce.number().min(1).max(120).default(18),
}) {}
