import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Database, now } from '@nakku/database';
import { Periodic } from '@nakku/runtime';
import { DeliverySettings } from './delivery.config.js';
import { type Pickup, plus } from './delivery.js';
import { DispatchRepository } from './dispatch.repository.js';
import { match } from './dispatch.js';
import type { Job } from './job.entity.js';
import { OfferService } from './offer.service.js';
import { PickupService } from './pickup.service.js';

/** How long after a change the orders are assigned: what happens in that time is assigned together. */
const LOOK_MS = 50;
const SWEEP_MS = 1000;
/** Orders looked at beyond the number of riders, since riders may have refused some. */
const SPARE = 20;
const MOST_AT_ONCE = 100;
const ROUNDS = 100;

/** Brings waiting orders to free riders: the only place that does. */
@Injectable()
export class DispatchService implements OnModuleInit {
  private readonly logger = new Logger(DispatchService.name);
  private woken = false;

  constructor(
    private readonly database: Database,
    private readonly repository: DispatchRepository,
    private readonly offers: OfferService,
    private readonly pickups: PickupService,
    private readonly settings: DeliverySettings,
    private readonly periodic: Periodic,
  ) {}

  onModuleInit(): void {
    this.periodic.every(LOOK_MS, 'delivery dispatch', () => this.look());
    this.periodic.every(SWEEP_MS, 'delivery sweep', () => this.sweep());
  }

  /** Says that an order or a rider has become free; once the running transaction has committed. */
  wake(): void {
    this.database.afterCommit(() => {
      this.woken = true;
    });
  }

  /** Puts the order of a job back into the queue; false when the job is another one's or over by now. */
  async putBack(job: Job, as: 'lapsed' | 'failed', reason: string): Promise<boolean> {
    const done = await this.offers.putBack(job, as, reason);
    if (done) this.wake();
    return done;
  }

  /** Dispatches when somebody has waked us since the last time. */
  async look(): Promise<void> {
    if (!this.woken) return;
    this.woken = false;
    await this.dispatch();
  }

  /** What nobody has waked us for: offers that lapse, pauses that end, and changes made by other copies of the service. */
  async sweep(): Promise<void> {
    await this.offers.lapse();
    await this.dispatch();
  }

  /** Offers waiting orders to free riders, store by store. Running it twice at once gives nothing to two. */
  async dispatch(): Promise<void> {
    for (const storeId of await this.repository.storesToServe(now())) {
      try {
        await this.serve(storeId, await this.pickups.get(storeId));
      } catch (err) {
        this.logger.warn({ err, storeId }, 'the orders of a store could not be dispatched: they are tried again');
      }
    }
  }

  private async serve(storeId: string, pickup: Pickup): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) if (!(await this.serveSome(storeId, pickup))) return;
  }

  /** True when there may be more to do. */
  private async serveSome(storeId: string, pickup: Pickup): Promise<boolean> {
    const at = now();
    const riders = await this.repository.freeRiders(storeId, pickup);
    if (riders.length === 0) return false;
    const orders = await this.repository.waitingOrders(storeId, at, Math.min(MOST_AT_ONCE, riders.length + SPARE));
    if (orders.length === 0) return false;
    const refusedAfter = plus(at, -this.settings.DELIVERY_ASK_AGAIN_MS);
    const plan = match(orders, riders, await this.repository.asked(orders), { pickup, refusedAfter });
    const made = await this.offers.apply(storeId, pickup, plan);
    return made + plan.refused.length > 0;
  }
}
