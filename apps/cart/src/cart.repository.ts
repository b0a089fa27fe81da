import { Injectable } from '@nestjs/common';
import { Database, newId, now } from '@nakku/database';
import { notFound } from '@nakku/rpc';
import type { Line } from './cart.js';
import { Cart, CartItem } from './cart.entity.js';
import type { Owner } from './cart.owner.js';

/** A cart with its lines, in the order in which they were added. */
export interface StoredCart {
  id: string;
  customerId?: string;
  couponCode?: string;
  generation: number;
  lines: Line[];
}

type Row = Pick<Cart, 'id' | 'customerId' | 'couponCode' | 'generation'> & { [K in keyof Line]: Line[K] | null };

/** Carts and their lines. */
@Injectable()
export class CartRepository {
  constructor(private readonly database: Database) {}

  /** The owner's cart; undefined when there is none yet, 404 `CART_NOT_FOUND` for a token that is none. */
  async find(owner: Owner): Promise<StoredCart | undefined> {
    const key = keyOf(owner);
    return key && ((await this.read(...key)) ?? absent(owner));
  }

  /** As `find`, and holds the row until the transaction ends: parallel writes of one cart follow each other. */
  async lock(owner: Owner): Promise<StoredCart | undefined> {
    const key = keyOf(owner);
    if (!key) return undefined;
    const [column, value] = key;
    const update = this.database.manager.createQueryBuilder().update(Cart).set({ updatedAt: now() });
    const { affected } = await update.where(`${column} = :value`, { value }).execute();
    return affected ? this.read(column, value) : absent(owner);
  }

  /** As `lock`, for a cart that is there in any case: it is made for a customer, or for a guest by the hash of a new token. */
  async open(owner: Owner, newTokenHash?: string): Promise<StoredCart> {
    const known = await this.lock(owner);
    if (known) return known;
    const { customerId = null } = owner;
    const row = { id: newId(), customerId, tokenHash: newTokenHash ?? null, generation: 0, couponCode: null };
    const insert = this.database.manager.createQueryBuilder().insert().into(Cart);
    // Another request may be making the customer's cart in this very moment: then this one waits, and holds the row of that one.
    await insert
      .values({ ...row, updatedAt: now() })
      .orUpdate(['updated_at'], ['customer_id'])
      .updateEntity(false)
      .execute();
    return customerId === null
      ? { id: row.id, generation: 0, lines: [] }
      : (await this.read('customer_id', customerId))!;
  }

  /** Starts the next generation; false when this one is over, or the cart is gone. */
  async nextGeneration(cartId: string, generation: number): Promise<boolean> {
    const { affected } = await this.database.manager
      .createQueryBuilder()
      .update(Cart)
      .set({ generation: generation + 1, couponCode: null, updatedAt: now() })
      .where('id = :cartId AND generation = :generation', { cartId, generation })
      .execute();
    return affected === 1;
  }

  byId(cartId: string): Promise<StoredCart | undefined> {
    return this.read('id', cartId);
  }

  async putLines(cartId: string, lines: readonly Line[]): Promise<void> {
    if (lines.length === 0) return;
    const insert = this.database.manager.createQueryBuilder().insert().into(CartItem);
    const rows = lines.map(({ productId, quantity, unitPrice, addedAt }) => ({
      cartId,
      productId,
      quantity,
      unitPrice,
      addedAt,
    }));
    await insert
      .values(rows)
      .orUpdate(['quantity', 'unit_price'], ['cart_id', 'product_id'])
      .updateEntity(false)
      .execute();
  }

  async removeLines(cartId: string, productIds: readonly string[]): Promise<void> {
    if (productIds.length === 0) return;
    const removal = this.database.manager.createQueryBuilder().delete().from(CartItem);
    await removal.where('cart_id = :cartId AND product_id IN (:...productIds)', { cartId, productIds }).execute();
  }

  async setCoupon(cartId: string, couponCode: string | null): Promise<void> {
    await this.database.manager
      .createQueryBuilder()
      .update(Cart)
      .set({ couponCode })
      .where('id = :cartId', { cartId })
      .execute();
  }

  async delete(cartId: string): Promise<void> {
    const { manager } = this.database;
    await manager.createQueryBuilder().delete().from(CartItem).where('cart_id = :cartId', { cartId }).execute();
    await manager.createQueryBuilder().delete().from(Cart).where('id = :cartId', { cartId }).execute();
  }

  /** Deletes at most `limit` guests' carts without a write since `before`; how many it were. Guests who come back just now have to wait, or we do. */
  async deleteIdleGuests(before: string, limit: number): Promise<number> {
    const { manager } = this.database;
    const idle = manager
      .createQueryBuilder(Cart, 'cart')
      .select('cart.id', 'id')
      .where('cart.customerId IS NULL AND cart.updatedAt < :before', { before })
      .limit(limit);
    const ids = (await this.database.forUpdate(idle).getRawMany<Pick<Cart, 'id'>>()).map(({ id }) => id);
    if (ids.length === 0) return 0;
    await manager.createQueryBuilder().delete().from(CartItem).where('cart_id IN (:...ids)', { ids }).execute();
    await manager.createQueryBuilder().delete().from(Cart).where('id IN (:...ids)', { ids }).execute();
    return ids.length;
  }

  private async read(column: 'id' | 'customer_id' | 'token_hash', value: string): Promise<StoredCart | undefined> {
    const rows = await this.database.manager.query<Row[]>(
      `${SELECT} WHERE cart.${column} = ? ORDER BY item.added_at, item.product_id`,
      [value],
    );
    return rows[0] && storedCart(rows[0], rows);
  }
}

// Every request runs this once or twice; to have it put together by the query builder each time would cost three times as much.
const SELECT = `
  SELECT cart.id AS id, cart.customer_id AS customerId, cart.coupon_code AS couponCode, cart.generation AS generation,
         item.product_id AS productId, item.quantity AS quantity, item.unit_price AS unitPrice, item.added_at AS addedAt
  FROM carts cart LEFT JOIN cart_items item ON item.cart_id = cart.id`;

/** The unique column that tells whose cart it is, and its value; undefined for nobody. */
function keyOf({ customerId, tokenHash }: Owner): ['customer_id' | 'token_hash', string] | undefined {
  if (customerId) return ['customer_id', customerId];
  return tokenHash ? ['token_hash', tokenHash] : undefined;
}

/** Not to have a cart is all right for a customer, but a token must be of one. */
function absent(owner: Owner): undefined {
  if (owner.tokenHash) throw notFound('cart');
  return undefined;
}

function storedCart({ id, customerId, couponCode, generation }: Row, rows: Row[]): StoredCart {
  const lines = rows.flatMap(({ productId, quantity, unitPrice, addedAt }) =>
    productId === null ? [] : [{ productId, quantity: quantity!, unitPrice: Number(unitPrice), addedAt: addedAt! }],
  );
  return { id, generation, lines, ...(customerId ? { customerId } : {}), ...(couponCode ? { couponCode } : {}) };
}
