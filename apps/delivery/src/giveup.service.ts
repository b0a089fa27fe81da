import { Injectable, type OnModuleInit } from '@nestjs/common';
import { deliveryFailed } from '@nakku/contracts';
import { Database, now } from '@nakku/database';
import { Periodic } from '@nakku/runtime';
import { EventBus } from '@nakku/transport';
import { DeliveryRepository } from './delivery.repository.js';

const EVERY_MS = 5000;
const AT_ONCE = 50;

/** Ends the deliveries that no rider takes. */
@Injectable()
export class GiveUpService implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly deliveries: DeliveryRepository,
    private readonly events: EventBus,
    private readonly periodic: Periodic,
  ) {}

  onModuleInit(): void {
    this.periodic.every(EVERY_MS, 'deliveries without a rider', () => this.giveUp());
  }

  /** Gives up the orders that have waited too long, some at a time. */
  async giveUp(): Promise<void> {
    const at = now();
    const forsaken = await this.deliveries.forsaken(at, AT_ONCE);
    if (forsaken.length === 0) return;
    await this.database.transaction(async () => {
      for (const { orderId, customerId, storeId } of forsaken) {
        if (!(await this.deliveries.giveUp(orderId, at))) continue;
        await this.events.publish(
          deliveryFailed({ orderId, customerId, storeId, reason: 'NO_RIDER', pickedUp: false, final: true }),
        );
      }
    });
  }
}
