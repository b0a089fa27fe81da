import type { InventoryApi, ProductApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { type Output, unavailable } from '@nakku/rpc';

type Product = Output<ProductApi, 'getMany'>['items'][number];

/** A catalogue and its stock, for the specs of this domain. */
export class TestMarket {
  private readonly known = new Map<string, Product>();
  readonly stock = new Map<string, number>();
  inventoryIsDown = false;
  readonly calls = { getMany: 0, availability: 0 };

  /** Puts a product up for sale; its id. */
  sell(amount: number, stock = 50, more: Partial<Product> = {}): string {
    const id = newId();
    const product = {
      id,
      sku: id,
      name: 'Milk',
      unit: '1 l',
      imageUrl: '/milk.webp',
      categoryId: newId(),
      active: true,
    };
    this.known.set(id, { ...product, price: { amount, currency: 'INR' }, ...more });
    this.stock.set(id, stock);
    return id;
  }

  change(id: string, changes: { amount?: number; active?: boolean }): void {
    const product = this.known.get(id)!;
    const { amount = product.price.amount, active = product.active } = changes;
    this.known.set(id, { ...product, active, price: { ...product.price, amount } });
  }

  readonly products: Pick<ProductApi, 'getMany'> = {
    getMany: async ({ ids }) => {
      this.calls.getMany++;
      return { items: ids.flatMap((id) => this.known.get(id) ?? []) };
    },
  };

  /** The store `nearby` has everything, any other store nothing. */
  readonly nearby = newId();
  readonly inventory: Pick<InventoryApi, 'availability'> = {
    availability: async ({ storeId, productIds }) => {
      this.calls.availability++;
      if (this.inventoryIsDown) throw unavailable('inventory is not answering.');
      const here = storeId === undefined || storeId === this.nearby;
      return {
        items: productIds.map((productId) => ({ productId, available: here ? (this.stock.get(productId) ?? 0) : 0 })),
      };
    },
  };
}
