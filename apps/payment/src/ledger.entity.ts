import { AMOUNT } from '@nakku/database';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Account, Direction } from './ledger.js';

/** One side of a movement of money. Rows are only ever added. */
@Entity('ledger_entries')
@Index('ledger_entries_order', ['orderId', 'id'])
@Index('ledger_entries_payment', ['paymentId', 'id'])
export class LedgerRow {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  /** Shared by the rows of one movement; their debits equal their credits. */
  @Column('varchar', { name: 'transaction_id', length: 36 })
  transactionId!: string;
  @Column('varchar', { name: 'order_id', length: 36 })
  orderId!: string;
  @Column('varchar', { name: 'payment_id', length: 36 })
  paymentId!: string;
  @Column('varchar', { length: 32 })
  account!: Account;
  @Column('varchar', { length: 8 })
  direction!: Direction;
  @Column(AMOUNT)
  amount!: number;
  @Column('varchar', { length: 3 })
  currency!: string;
  @Column('varchar', { length: 24 })
  at!: string;
}
