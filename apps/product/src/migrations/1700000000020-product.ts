import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

const text = (name: string, length: number, more: object = {}) => ({
  name,
  type: 'varchar',
  length: String(length),
  ...more,
});
const integer = (name: string, more: object = {}) => ({ name, type: 'integer', ...more });
const id = (name: string, more: object = {}) => text(name, 36, more);
const instant = (name: string) => text(name, 24);

const products = new Table({
  name: 'products',
  columns: [
    id('id', { isPrimary: true }),
    text('sku', 64),
    text('name', 160),
    text('brand', 100),
    id('category_id'),
    text('description', 2000),
    text('unit', 40),
    text('image_url', 500),
    integer('price'),
    integer('compare_at', { isNullable: true }),
    text('currency', 3),
    integer('version'),
    instant('created_at'),
    instant('updated_at'),
    instant('deleted_at'),
  ],
  indices: [
    { name: 'products_sku_live', columnNames: ['sku', 'deleted_at'], isUnique: true },
    { name: 'products_category', columnNames: ['category_id', 'deleted_at'] },
    { name: 'products_updated_at', columnNames: ['updated_at', 'id'] },
    { name: 'products_version', columnNames: ['version'] },
  ],
});

const categories = new Table({
  name: 'categories',
  columns: [
    id('id', { isPrimary: true }),
    text('name', 100),
    text('slug', 100),
    id('parent_id', { isNullable: true }),
    integer('version'),
    instant('created_at'),
    instant('updated_at'),
    instant('deleted_at'),
  ],
  indices: [{ name: 'categories_slug_live', columnNames: ['slug', 'deleted_at'], isUnique: true }],
});

const coPurchases = new Table({
  name: 'co_purchases',
  columns: [id('product_id', { isPrimary: true }), id('other_id', { isPrimary: true }), integer('count')],
});

export class Product1700000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of [products, categories, coPurchases]) await runner.createTable(table, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [coPurchases, categories, products]) await runner.dropTable(table);
  }
}
