import { Id, Instant, LatLng } from '@nakku/contracts';
import { dto } from '@nakku/rpc';
import { z } from 'zod';

const STAGES = ['waiting', 'offered', 'assigned', 'picked_up', 'completed', 'failed', 'cancelled'] as const;

export class TrackingView extends dto(
  z.object({
    orderId: Id,
    stage: z.enum(STAGES),
    rider: z.object({ id: Id, name: z.string(), position: LatLng.optional() }).optional(),
    etaAt: Instant,
  }),
) {}

export class RouteView extends dto(
  z.object({
    riderId: Id,
    stops: z.array(LatLng.extend({ type: z.enum(['pickup', 'drop']), jobId: Id, orderId: Id })),
  }),
) {}
