import { orderCancelled, orderCreated, orderPacked, orderUpdated } from '@nakku/contracts';
import { type EventOf, Listener, On } from '@nakku/transport';
import { ReservationService } from './reservation.service.js';

/** What the life of an order does to the stock. A failed delivery does nothing: its goods are gone until somebody counts them in again. */
@Listener('inventory')
export class InventoryEvents {
  constructor(private readonly reservations: ReservationService) {}

  @On(orderCreated)
  placed({ data }: EventOf<typeof orderCreated>): Promise<void> {
    return this.reservations.reserve(data);
  }

  @On(orderUpdated)
  reduced({ data }: EventOf<typeof orderUpdated>): Promise<void> {
    return this.reservations.reduce(data.orderId, data.released);
  }

  @On(orderPacked)
  packed({ data }: EventOf<typeof orderPacked>): Promise<void> {
    return this.reservations.commit(data.orderId);
  }

  @On(orderCancelled)
  cancelled({ data }: EventOf<typeof orderCancelled>): Promise<void> {
    return this.reservations.cancel(data);
  }
}
