import { AMOUNT } from '@nakku/database';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A customer's cart, or a guest's: exactly one of `customerId` and `tokenHash` is set. */
@Entity('carts')
export class Cart {
  @PrimaryColumn('varchar', { length: 36 })
  id!: string;
  @Index('carts_customer_id', { unique: true })
  @Column('varchar', { name: 'customer_id', length: 36, nullable: true })
  customerId!: string | null;
  /** sha256 of the guest's token, in hex: who reads the table cannot use the carts. */
  @Index('carts_token_hash', { unique: true })
  @Column('varchar', { name: 'token_hash', length: 64, nullable: true })
  tokenHash!: string | null;
  @Column('varchar', { name: 'coupon_code', length: 64, nullable: true })
  couponCode!: string | null;
  /** How often the cart was checked out. */
  @Column('integer')
  generation!: number;
  @Index('carts_updated_at')
  @Column('varchar', { name: 'updated_at', length: 24 })
  updatedAt!: string;
}

/** A product in a cart. */
@Entity('cart_items')
export class CartItem {
  @PrimaryColumn('varchar', { name: 'cart_id', length: 36 })
  cartId!: string;
  @PrimaryColumn('varchar', { name: 'product_id', length: 36 })
  productId!: string;
  @Column('integer')
  quantity!: number;
  /** What a piece cost when the customer last set the line; only to tell that the price has changed since. */
  @Column({ ...AMOUNT, name: 'unit_price' })
  unitPrice!: number;
  @Column('varchar', { name: 'added_at', length: 24 })
  addedAt!: string;
}

/** An order whose lines were taken out of the cart. */
@Entity('cart_checkouts')
export class CartCheckout {
  @PrimaryColumn('varchar', { name: 'order_id', length: 36 })
  orderId!: string;
  @Column('varchar', { name: 'cart_id', length: 36 })
  cartId!: string;
  @Column('integer')
  generation!: number;
  @Index('cart_checkouts_created_at')
  @Column('varchar', { name: 'created_at', length: 24 })
  createdAt!: string;
}
