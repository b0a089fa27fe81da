import { Injectable } from '@nestjs/common';
import { inventoryCommitted, inventoryRejected, inventoryReleased, inventoryReserved } from '@nakku/contracts';
import { EventBus } from '@nakku/transport';
import { LedgerService, StockRefused, SYSTEM } from './ledger.service.js';
import type { Reservation } from './reservation.entity.js';
import { changesOf, type Line, shortagesOf, takeOut } from './reservation.js';
import { ReservationRepository } from './reservation.repository.js';
import { inProductOrder } from './stock.js';
import { StockRepository } from './stock.repository.js';

/** What an order wants of a store. */
export interface Demand {
  orderId: string;
  storeId: string;
  items: readonly Line[];
}

/** What orders hold of the stock. Every method runs in the transaction of an event's handler, and doing it twice is doing it once. */
@Injectable()
export class ReservationService {
  constructor(
    private readonly reservations: ReservationRepository,
    private readonly stock: StockRepository,
    private readonly ledger: LedgerService,
    private readonly events: EventBus,
  ) {}

  /** Holds every line or none of them. Nothing happens for an order that is known already: it may have been cancelled before. */
  async reserve({ orderId, storeId, items }: Demand): Promise<void> {
    const lines = items.map(({ productId, quantity }) => ({ productId, quantity }));
    const reservation = { orderId, storeId, status: 'reserved', items: lines } as const;
    if (!(await this.reservations.open(reservation))) return;
    try {
      await this.ledger.post(storeId, changesOf(lines, { onHand: 0, reserved: 1 }), cause('reserve', orderId));
    } catch (error) {
      if (!(error instanceof StockRefused)) throw error;
      return this.reject(orderId, lines, error.productId);
    }
    await this.events.publish(inventoryReserved({ orderId, storeId, items: lines }));
  }

  /** Gives back what a cancelled order holds; what was packed already returns to the shelf. */
  async cancel(order: Omit<Demand, 'items'>): Promise<void> {
    const reservation = (await this.reservations.lock(order.orderId)) ?? (await this.forestall(order));
    if (reservation?.status === 'reserved') return this.release(reservation);
    if (reservation?.status === 'committed') return this.takeBack(reservation);
  }

  /** Gives back pieces of lines that the order no longer wants. */
  async reduce(orderId: string, unwanted: readonly Line[]): Promise<void> {
    const reservation = await this.reservations.lock(orderId);
    if (reservation?.status !== 'reserved') return;
    const { kept, taken } = takeOut(reservation.items, unwanted);
    if (taken.length === 0) return;
    await this.reservations.change(reservation, { items: kept });
    await this.letGo(reservation, taken);
  }

  /** The goods are in the bag: they are neither on hand nor reserved any more. */
  async commit(orderId: string): Promise<void> {
    const reservation = await this.reservations.lock(orderId);
    if (!reservation) throw new Error(`order ${orderId} is packed, but nothing was reserved for it`);
    if (reservation.status !== 'reserved') return;
    const { storeId, items } = reservation;
    await this.reservations.change(reservation, { status: 'committed' });
    await this.ledger.post(storeId, changesOf(items, { onHand: -1, reserved: -1 }), cause('commit', orderId));
    await this.events.publish(inventoryCommitted({ orderId, storeId, items }));
  }

  /** The order is not known yet: the row that is left here keeps `reserve` from holding stock for nobody. If `reserve` was faster, its row. */
  private async forestall({ orderId, storeId }: Omit<Demand, 'items'>): Promise<Reservation | null> {
    const isFirst = await this.reservations.open({ orderId, storeId, status: 'released', items: [] });
    return isFirst ? null : this.reservations.lock(orderId);
  }

  private async reject(orderId: string, lines: Line[], refused: string): Promise<void> {
    const reservation = (await this.reservations.lock(orderId))!;
    const { storeId } = reservation;
    await this.reservations.change(reservation, { status: 'rejected' });
    const demand = inProductOrder(changesOf(lines, { onHand: 0, reserved: 1 }));
    const rows = await this.stock.find(
      storeId,
      demand.map(({ productId }) => productId),
    );
    await this.events.publish(inventoryRejected({ orderId, storeId, shortages: shortagesOf(demand, rows, refused) }));
  }

  private async release(reservation: Reservation): Promise<void> {
    await this.reservations.change(reservation, { status: 'released' });
    await this.letGo(reservation, reservation.items);
  }

  private async letGo({ orderId, storeId }: Reservation, items: Line[]): Promise<void> {
    await this.ledger.post(storeId, changesOf(items, { onHand: 0, reserved: -1 }), cause('release', orderId));
    await this.events.publish(inventoryReleased({ orderId, storeId, items }));
  }

  private async takeBack(reservation: Reservation): Promise<void> {
    const { orderId, storeId, items } = reservation;
    await this.reservations.change(reservation, { status: 'returned' });
    const returned = { ...cause('release', orderId), reason: 'Cancelled after packing' };
    await this.ledger.post(storeId, changesOf(items, { onHand: 1, reserved: 0 }), returned);
    await this.events.publish(inventoryReleased({ orderId, storeId, items }));
  }
}

const cause = (type: 'reserve' | 'release' | 'commit', orderId: string) => ({ type, orderId, actorId: SYSTEM });
