import { AMOUNT } from '@nakku/database';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Money on its way back; `id` is the key under which the provider gives it back once. */
@Entity('refunds')
@Index('refunds_payment', ['paymentId'])
@Index('refunds_due', ['nextTryAt'])
export class RefundRow {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Column('varchar', { name: 'payment_id', length: 36 })
  paymentId!: string;
  @Column(AMOUNT)
  amount!: number;
  @Column('varchar', { length: 8 })
  status!: 'pending' | 'done';
  @Column('varchar', { length: 200, nullable: true })
  reason!: string | null;
  /** Null once it is done. */
  @Column('varchar', { name: 'next_try_at', length: 24, nullable: true })
  nextTryAt!: string | null;
  @Column('integer')
  tries!: number;
  @Column('varchar', { name: 'created_at', length: 24 })
  createdAt!: string;
  @Column('varchar', { name: 'done_at', length: 24, nullable: true })
  doneAt!: string | null;
}
