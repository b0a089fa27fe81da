import type { Listed } from './product.js';

/** The products most like another one: of its category before others, its brand before others, then the nearest price. */
export function alike(product: Listed, candidates: Iterable<Listed>, count: number): Listed[] {
  const others = [...candidates].filter(({ id }) => id !== product.id);
  const distance = others.map((other) => ({ other, far: distanceOf(product, other) }));
  distance.sort((a, b) => a.far - b.far || (a.other.id < b.other.id ? -1 : 1));
  return distance.slice(0, count).map(({ other }) => other);
}

/** A relative difference of prices is below 1: it decides only between products that are otherwise equally near. */
function distanceOf(a: Listed, b: Listed): number {
  const price = Math.abs(a.price - b.price) / Math.max(a.price, b.price, 1);
  return (a.categoryId === b.categoryId ? 0 : 4) + (a.brand === b.brand ? 0 : 2) + Math.min(price, 1);
}
