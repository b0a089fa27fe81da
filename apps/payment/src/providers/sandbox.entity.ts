import { AMOUNT } from '@nakku/database';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What the sandbox remembers of a charge. Nobody but the sandbox reads it: to the domain it is somebody else's system. */
@Entity('sandbox_charges')
@Index('sandbox_charges_webhook', ['webhookAt'])
export class SandboxCharge {
  @PrimaryColumn('varchar', { name: 'payment_id', length: 36 })
  paymentId!: string;
  /** `flaky`: failing, so far; `pending`: taken in and never answered. */
  @Column('varchar', { length: 12 })
  status!: 'flaky' | 'pending' | 'authorised' | 'declined' | 'captured' | 'voided';
  @Column('varchar', { length: 32, nullable: true })
  reason!: string | null;
  @Column(AMOUNT)
  amount!: number;
  @Column({ ...AMOUNT, name: 'captured_amount' })
  capturedAmount!: number;
  @Column({ ...AMOUNT, name: 'refunded_amount' })
  refundedAmount!: number;
  /** How often the charge was sent. */
  @Column('integer')
  attempts!: number;
  /** When to tell of it by webhook; null: never, or done. */
  @Column('varchar', { name: 'webhook_at', length: 24, nullable: true })
  webhookAt!: string | null;
}

/** A refund that the sandbox has made. */
@Entity('sandbox_refunds')
export class SandboxRefund {
  @PrimaryColumn('varchar', { name: 'refund_id', length: 36 })
  refundId!: string;
  @Column('varchar', { name: 'payment_id', length: 36 })
  paymentId!: string;
  @Column(AMOUNT)
  amount!: number;
}
