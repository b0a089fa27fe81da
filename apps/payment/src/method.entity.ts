import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A way to pay that a customer keeps: the provider's token, never a card number. */
@Entity('payment_methods')
export class MethodRow {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Column('varchar', { name: 'customer_id', length: 36 })
  customerId!: string;
  @Column('varchar', { length: 128 })
  token!: string;
  @Column('varchar', { length: 80, nullable: true })
  label!: string | null;
  @Column('varchar', { name: 'created_at', length: 24 })
  createdAt!: string;
}
