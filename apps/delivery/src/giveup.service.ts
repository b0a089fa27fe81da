import { Injectable, type OnModuleInit } from '@nestjs/common';
import { deliveryFailed } from '@nakku/contracts';
import { Database, now } from '@nakku/database';
import { Periodic } from '@nakku/runtime';
import { EventBus } from '@nakku/transport';
import { shuffled } from './delivery.js';
import type { Delivery } from './delivery.entity.js';
import { DeliveryRepository } from './delivery.repository.js';
import { JobService } from './job.service.js';

const EVERY_MS = 5000;
const AT_ONCE = 50;

/** Sees to it that no delivery lasts for ever: nobody takes it, or who has taken it is heard of no more. */
@Injectable()
export class GiveUpService implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly deliveries: DeliveryRepository,
    private readonly jobs: JobService,
    private readonly events: EventBus,
    private readonly periodic: Periodic,
  ) {}

  onModuleInit(): void {
    this.periodic.every(EVERY_MS, 'deliveries without a rider', () => this.giveUp());
    this.periodic.every(EVERY_MS, 'riders who do not answer', () => this.takeAway());
  }

  /** Gives up the orders that have waited too long, some at a time. */
  async giveUp(): Promise<void> {
    const at = now();
    for (const delivery of shuffled(await this.deliveries.forsaken(at, AT_ONCE))) await this.forsake(delivery, at);
  }

  /** Takes the orders from the riders who do not fetch them, or do not arrive with them; some at a time. */
  async takeAway(): Promise<void> {
    const at = now();
    const unfetched = await this.deliveries.unfetched(at, AT_ONCE);
    const adrift = await this.deliveries.adrift(at, AT_ONCE);
    for (const delivery of shuffled([...unfetched, ...adrift])) await this.jobs.abandon(delivery);
  }

  private forsake({ orderId, customerId, storeId }: Delivery, at: string): Promise<void> {
    return this.database.transaction(async () => {
      if (!(await this.deliveries.giveUp(orderId, at))) return;
      await this.events.publish(
        deliveryFailed({ orderId, customerId, storeId, reason: 'NO_RIDER', pickedUp: false, final: true }),
      );
    });
  }
}
