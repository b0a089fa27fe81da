import { stringify } from 'yaml';
import type { Json, Value } from './param.js';

interface Tree {
  [key: string]: Tree | Leaf;
}

/** A value's own wrapper, so that one that is an object is not taken for a branch. */
class Leaf {
  constructor(readonly value: Value) {}
}

/** `values.yaml`: every value once, each below what it is for. `groups` are the comments of branches, in the order that the file has. */
export function valuesFile(values: readonly Value[], groups: Readonly<Record<string, string>>, head: string): string {
  const tree = treeOf(values);
  const known = Object.keys(groups).filter((key) => key in tree);
  const ordered = Object.fromEntries([...known, ...Object.keys(tree)].map((key) => [key, tree[key]!]));
  return `${head}\n${lines(ordered, '', 0, groups).join('\n')}\n`;
}

/** The schema that Helm holds an operator's values against: what is not known is refused. */
export function valuesSchema(values: readonly Value[]): string {
  const { properties, ...rest } = schemaOf(treeOf(values)) as { properties: Record<string, Json> };
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the chart nakku',
    ...rest,
    properties: { ...properties, global: { type: 'object' } },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** The values as they are without an operator, as templates see them. */
export function presets(values: readonly Value[]): Json {
  const plain = (tree: Tree): Json =>
    Object.fromEntries(
      Object.entries(tree).map(([key, child]) => [key, child instanceof Leaf ? child.value.preset : plain(child)]),
    );
  return plain(treeOf(values));
}

function treeOf(values: readonly Value[]): Tree {
  const tree: Tree = {};
  for (const value of values) {
    const keys = value.path.split('.');
    const last = keys.pop()!;
    let branch = tree;
    for (const key of keys) {
      const next = (branch[key] ??= {});
      if (next instanceof Leaf) throw new Error(`The value ${value.path} is below another value`);
      branch = next;
    }
    branch[last] = together(branch[last], value);
  }
  return tree;
}

function together(known: Tree | Leaf | undefined, value: Value): Leaf {
  if (known === undefined) return new Leaf(value);
  if (known instanceof Leaf && JSON.stringify(known.value.preset) === JSON.stringify(value.preset))
    return new Leaf({
      ...value,
      comment: known.value.comment ?? value.comment,
      schema: known.value.schema ?? value.schema,
    });
  throw new Error(`The value ${value.path} has two presets`);
}

function lines(tree: Tree, path: string, depth: number, groups: Readonly<Record<string, string>>): string[] {
  const indent = '  '.repeat(depth);
  return Object.entries(tree).flatMap(([key, child]) => {
    const at = path === '' ? key : `${path}.${key}`;
    const comment = child instanceof Leaf ? child.value.comment : groups[at];
    const above = [
      ...(depth === 0 ? [''] : []),
      ...(comment === undefined ? [] : comment.split('\n').map((line) => `${indent}# ${line}`)),
    ];
    if (!(child instanceof Leaf)) return [...above, `${indent}${key}:`, ...lines(child, at, depth + 1, groups)];
    const yaml = stringify({ [key]: child.value.preset }, { lineWidth: 0, version: '1.1' }).trimEnd();
    return [...above, ...yaml.split('\n').map((line) => `${indent}${line}`)];
  });
}

function schemaOf(node: Tree | Leaf): Json {
  if (node instanceof Leaf) return { ...typeOf(node.value.preset), ...node.value.schema };
  const rows = Object.entries(node).map(([key, child]) => [key, schemaOf(child)]);
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(rows) as Json };
}

function typeOf(preset: Json): Record<string, Json> {
  if (Array.isArray(preset)) return { type: 'array' };
  return { type: typeof preset === 'number' ? 'integer' : typeof preset };
}
