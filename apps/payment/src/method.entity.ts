import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A way to pay that a customer keeps: the provider's token, never a card number. */
@Entity('payment_methods')
@Index('payment_methods_token', ['customerId', 'token'], { unique: true })
@Index('payment_methods_slot', ['customerId', 'slot'], { unique: true })
@Index('payment_methods_customer', ['customerId', 'id'])
export class MethodRow {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Column('varchar', { name: 'customer_id', length: 36 })
  customerId!: string;
  /** 1 to MAX_METHODS, one of each: so no more are kept than there are slots, however many are added at once. */
  @Column('integer')
  slot!: number;
  @Column('varchar', { length: 128 })
  token!: string;
  @Column('varchar', { length: 80, nullable: true })
  label!: string | null;
  @Column('varchar', { name: 'created_at', length: 24 })
  createdAt!: string;
}
