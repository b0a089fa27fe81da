import { Document, isMap, isNode, isScalar, visit } from 'yaml';

/** A compose file as text. The same object in several places becomes a reference, by its name among the `x-` blocks. */
export function yamlOf(file: object, tags: readonly (readonly [path: readonly string[], tag: string])[] = []): string {
  const document = new Document(file);
  for (const [path, tag] of tags) {
    const node = document.getIn(path, true);
    if (isNode(node)) node.tag = tag;
  }
  nameAnchors(document);
  return document.toString({ lineWidth: 0, singleQuote: true });
}

/** `*hardened` tells more than `*a1`. */
function nameAnchors(document: Document): void {
  const names = new Map<string, string>();
  if (!isMap(document.contents)) return;
  for (const { key, value } of document.contents.items) {
    const name = isScalar(key) ? String(key.value) : '';
    if (!name.startsWith('x-') || !isMap(value) || !value.anchor) continue;
    names.set(value.anchor, name.slice(2));
    value.anchor = name.slice(2);
  }
  visit(document, {
    Alias: (_, alias) => {
      alias.source = names.get(alias.source) ?? alias.source;
    },
  });
}
