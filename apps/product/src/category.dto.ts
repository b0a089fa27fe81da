import { Id } from '@nakku/contracts';
import { dto, page, PageQuery } from '@nakku/rpc';
import { z } from 'zod';

const Fields = z.strictObject({
  name: z.string().trim().min(1).max(100),
  slug: z
    .string()
    .max(100)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words joined by hyphens'),
  /** Without one, or with null, the category is at the top. */
  parentId: Id.nullable().optional(),
});

export class NewCategory extends dto(Fields) {}
export class CategoryChange extends dto(Fields.partial()) {}
/** The whole tree of most shops fits on one page: this list gives up to 100 unless asked for fewer. */
export class CategoryQuery extends dto(
  PageQuery.extend({ limit: z.coerce.number().int().min(1).max(100).default(100) }),
) {}

const CategoryShape = z.object({
  id: Id,
  name: z.string(),
  slug: z.string(),
  parentId: Id.optional(),
  /** Products in the category and in those below it. */
  productCount: z.int(),
});
export class CategoryView extends dto(CategoryShape) {}
export class CategoryPage extends dto(page(CategoryShape)) {}
