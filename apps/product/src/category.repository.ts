import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import { Category } from './category.entity.js';

@Injectable()
export class CategoryRepository {
  constructor(private readonly database: Database) {}

  async all(): Promise<Category[]> {
    return this.database.manager.createQueryBuilder(Category, 'category').where({ deletedAt: '' }).getMany();
  }

  /** Grows with every change: of deleted categories too there is a row, and versions only ever grow. */
  async edition(): Promise<number> {
    const row = await this.database.manager
      .createQueryBuilder(Category, 'category')
      .select('SUM(category.version)', 'edition')
      .getRawOne<{ edition: number | string | null }>();
    return Number(row?.edition ?? 0);
  }

  async insert(categories: Category[]): Promise<void> {
    await this.database.manager
      .createQueryBuilder()
      .insert()
      .into(Category)
      .values(categories)
      .updateEntity(false)
      .execute();
  }

  /** Changes a category that lives; false when there is none. */
  async change(id: string, fields: Partial<Category>): Promise<boolean> {
    const { affected } = await this.live({ ...fields, version: () => 'version + 1' }, { id });
    return affected === 1;
  }

  /** Keeps a category from being deleted or moved until this transaction ends; false when there is none. */
  async hold(id: string): Promise<boolean> {
    return (await this.live({ updatedAt: () => 'updated_at' }, { id })).affected === 1;
  }

  /** Keeps the whole tree from being changed until this transaction ends. */
  async holdAll(): Promise<void> {
    await this.live({ updatedAt: () => 'updated_at' }, {});
  }

  private live(values: { [K in keyof Category]?: Category[K] | (() => string) }, where: { id?: string }) {
    return this.database.manager
      .createQueryBuilder()
      .update(Category)
      .set(values)
      .where({ ...where, deletedAt: '' })
      .execute();
  }
}
