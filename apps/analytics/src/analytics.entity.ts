import { AMOUNT } from '@nakku/database';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What is known of an order. Money in minor units. */
@Entity('order_facts')
@Index('order_facts_placed_at', ['placedAt'])
export class OrderFact {
  @PrimaryColumn('varchar', { name: 'order_id', length: 36 })
  orderId!: string;
  @Column('varchar', { name: 'store_id', length: 36 })
  storeId!: string;
  @Column('varchar', { name: 'customer_id', length: 36 })
  customerId!: string;
  @Column('varchar', { length: 20 })
  status!: string;
  /** Grows along the order's life: an event that comes late does not turn it back. */
  @Column('integer')
  stage!: number;
  @Column(AMOUNT)
  total!: number;
  @Column('varchar', { length: 3 })
  currency!: string;
  @Column('varchar', { length: 64, nullable: true })
  reason!: string | null;
  @Column('varchar', { name: 'placed_at', length: 24 })
  placedAt!: string;
  @Column('varchar', { name: 'confirmed_at', length: 24, nullable: true })
  confirmedAt!: string | null;
  @Column('varchar', { name: 'ended_at', length: 24, nullable: true })
  endedAt!: string | null;
}

/** What was sold of a product on a day (UTC), in confirmed orders. */
@Entity('product_sales')
export class ProductSale {
  @PrimaryColumn('varchar', { length: 10 })
  day!: string;
  @PrimaryColumn('varchar', { name: 'product_id', length: 36 })
  productId!: string;
  @Column('varchar', { length: 200 })
  name!: string;
  @Column('integer')
  quantity!: number;
  @Column(AMOUNT)
  amount!: number;
}

/** One completed ride. */
@Entity('delivery_facts')
@Index('delivery_facts_at', ['at'])
export class DeliveryFact {
  @PrimaryColumn('varchar', { name: 'job_id', length: 36 })
  jobId!: string;
  @Column('varchar', { name: 'rider_id', length: 36 })
  riderId!: string;
  @Column('varchar', { name: 'store_id', length: 36 })
  storeId!: string;
  @Column('integer')
  minutes!: number;
  @Column('varchar', { length: 24 })
  at!: string;
}

/** How often an event happened on a day (UTC), in a store where it has one (else ''): the sum over the slots. */
@Entity('event_counts')
export class EventCount {
  @PrimaryColumn('varchar', { length: 10 })
  day!: string;
  @PrimaryColumn('varchar', { length: 64 })
  type!: string;
  @PrimaryColumn('varchar', { name: 'store_id', length: 36 })
  storeId!: string;
  /** Counting locks a row until the commit; with several rows not everybody waits for everybody. */
  @PrimaryColumn('integer')
  slot!: number;
  @Column('integer')
  count!: number;
}
