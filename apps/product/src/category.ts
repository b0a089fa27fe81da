import { unprocessable } from '@nakku/rpc';
import { Vocabulary } from './vocabulary.js';
import { words } from './words.js';

/** How deep the tree may be; a root is 1. */
export const MAX_DEPTH = 4;

/** A category as the rules see it. */
export interface Shelf {
  id: string;
  name: string;
  slug: string;
  parentId: string | null;
}

/** The categories at one moment; a change makes a new tree. */
export class CategoryTree {
  private readonly byId: Map<string, Shelf>;
  private readonly bySlug: Map<string, Shelf>;
  private readonly children = new Map<string, Shelf[]>();
  private readonly vocabulary = new Vocabulary<string[]>();

  constructor(readonly all: readonly Shelf[]) {
    this.byId = new Map(all.map((shelf) => [shelf.id, shelf]));
    this.bySlug = new Map(all.map((shelf) => [shelf.slug, shelf]));
    for (const shelf of all) {
      if (shelf.parentId) this.children.set(shelf.parentId, [...(this.children.get(shelf.parentId) ?? []), shelf]);
    }
    for (const shelf of all) this.learn(shelf);
  }

  /** By id or slug. */
  get(idOrSlug: string): Shelf | undefined {
    return this.byId.get(idOrSlug) ?? this.bySlug.get(idOrSlug);
  }

  /** The ids of a category and everything below it. */
  below(id: string): Set<string> {
    const found = new Set([id]);
    // A set that grows while it is walked: each child is visited once, even if the data had a circle.
    for (const each of found) for (const child of this.children.get(each) ?? []) found.add(child.id);
    return found;
  }

  /** The category, its parent, and so on up to the root. */
  path(id: string): Shelf[] {
    const path = new Set<Shelf>();
    for (let at = this.byId.get(id); at && !path.has(at); at = this.byId.get(at.parentId ?? '')) path.add(at);
    return [...path];
  }

  /** How many levels a category and its descendants take. */
  height(id: string): number {
    const base = this.path(id).length;
    return Math.max(...[...this.below(id)].map((each) => this.path(each).length)) - base + 1;
  }

  hasChildren(id: string): boolean {
    return this.children.has(id);
  }

  /** The categories whose name, or a parent's, has a word; each with how likely it is meant. */
  meanings(word: string, typos: boolean): Map<string, number> {
    const found = new Map<string, number>();
    for (const [ids, likely] of this.vocabulary.meanings(word, typos)) {
      for (const id of ids) found.set(id, Math.max(likely, found.get(id) ?? 0));
    }
    return found;
  }

  private learn({ id }: Shelf): void {
    const text = this.path(id).map(({ name }) => name);
    for (const word of new Set(text.flatMap(words))) this.vocabulary.fetch(word, () => []).push(id);
  }
}

/** Refuses a place in the tree: 422 for a parent that is absent, below the category itself, or too deep. `id` is undefined for a new category. */
export function requirePlace(tree: CategoryTree, id: string | undefined, parentId: string | null): void {
  if (parentId === null) return;
  if (!tree.get(parentId)) throw unprocessable('CATEGORY_NOT_FOUND', 'There is no such parent category.');
  if (id && tree.below(id).has(parentId)) throw unprocessable('CATEGORY_CYCLE', 'A category cannot be below itself.');
  const depth = tree.path(parentId).length + (id ? tree.height(id) : 1);
  if (depth > MAX_DEPTH) throw unprocessable('CATEGORY_TOO_DEEP', `The tree has at most ${MAX_DEPTH} levels.`);
}
