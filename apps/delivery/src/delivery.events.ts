import { orderCancelled, orderConfirmed, orderPacked, userDeleted } from '@nakku/contracts';
import { type EventOf, Listener, On } from '@nakku/transport';
import { JobService } from './job.service.js';
import { PlanService } from './plan.service.js';

/** Topics and replays may change the order in which these come: each leaves behind what the others need to know. */
@Listener('delivery')
export class DeliveryEvents {
  constructor(
    private readonly plan: PlanService,
    private readonly jobs: JobService,
  ) {}

  @On(orderConfirmed)
  async confirmed({ data }: EventOf<typeof orderConfirmed>): Promise<void> {
    await this.plan.confirmed(data);
  }

  @On(orderPacked)
  async packed({ data }: EventOf<typeof orderPacked>): Promise<void> {
    await this.plan.packed(data);
  }

  @On(orderCancelled)
  async cancelled({ data }: EventOf<typeof orderCancelled>): Promise<void> {
    const drop = () => this.jobs.drop(data.orderId, 'ORDER_CANCELLED');
    // The second time for a confirmation that comes at this moment: another copy of the service may handle it.
    if (!(await drop()) && !(await this.plan.cancelledEarly(data))) await drop();
  }

  @On(userDeleted)
  async userDeleted({ data }: EventOf<typeof userDeleted>): Promise<void> {
    await this.jobs.forget(data.userId);
  }
}
