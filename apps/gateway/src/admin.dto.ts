import { dto, page, PageQuery } from '@nakku/rpc';
import { DeadLetterView } from '@nakku/transport';
import { z } from 'zod';

export class AdminPageQuery extends dto(PageQuery) {}
export class DeadLetterPage extends dto(page(DeadLetterView)) {}
export class OutboxPage extends dto(
  page(z.object({ domain: z.string(), pending: z.int(), oldestSeconds: z.number(), reachable: z.boolean() })),
) {}
export class TopologyView extends dto(
  z.object({
    name: z.string(),
    processes: z.array(z.object({ name: z.string(), port: z.int(), services: z.array(z.string()) })),
    here: z.array(z.string()),
  }),
) {}
