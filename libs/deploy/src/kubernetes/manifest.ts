import { stringify } from 'yaml';
import { type Condition, type Json, Param, type Value } from './param.js';

/** Part of an object of Kubernetes; keys that are undefined are left out. */
export type Node = string | number | boolean | null | undefined | Param | readonly Node[] | { [key: string]: Node };

/** An object of Kubernetes, and when it is there at all. */
export interface Manifest {
  object: KubernetesObject;
  when?: Condition;
}

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string | Param; [key: string]: Node };
  [key: string]: Node;
}

/** Objects that are written into one file. */
export interface ManifestFile {
  name: string;
  manifests: readonly Manifest[];
}

// Kubernetes and Helm read YAML 1.1, in which a bare `on` is true.
const write = (object: unknown): string =>
  stringify(object, { lineWidth: 0, version: '1.1', aliasDuplicateObjects: false });

/** The file with the presets filled in; undefined where nothing of it is there then. */
export function plainFile({ manifests }: ManifestFile, head: string): string | undefined {
  const there = manifests.filter(({ when }) => when?.holds ?? true);
  if (there.length === 0) return undefined;
  return `${head}\n${there.map(({ object }) => write(plain(object))).join('---\n')}`;
}

/** The object with the presets filled in. */
export function plain(node: Node): Json | undefined {
  if (node instanceof Param) return (node.condition?.holds ?? true) ? node.preset : undefined;
  if (Array.isArray(node)) return node.map((item: Node) => plain(item) ?? null);
  if (typeof node !== 'object' || node === null) return node;
  const rows = Object.entries(node).map(([key, child]) => [key, plain(child)] as const);
  return Object.fromEntries(rows.filter(([, child]) => child !== undefined)) as Json;
}

/** The file as a template of the chart. */
export function templateFile({ manifests }: ManifestFile, head: string): string {
  return `${head}\n${manifests.map(templateOf).join('')}`;
}

function templateOf({ object, when }: Manifest): string {
  const params: Param[] = [];
  const yaml = write(marked(object, params));
  const filled = yaml
    .split('\n')
    .map((line) => fill(line, params))
    .join('\n');
  const body = `---\n${filled}`;
  return when ? `{{- if ${when.expression} }}\n${body}{{- end }}\n` : body;
}

const MARK = /PARAM_(\d+)_/;

/** The object with a mark, which YAML leaves unquoted, for each of its params. */
function marked(node: Node, params: Param[]): Node {
  if (node instanceof Param) return `PARAM_${params.push(node) - 1}_`;
  if (typeof node === 'string' && node.includes('{{')) throw new Error(`"${node.slice(0, 60)}" would be run by Helm`);
  if (Array.isArray(node)) return node.map((item: Node) => marked(item, params));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, marked(child, params)]));
}

function fill(line: string, params: readonly Param[]): string {
  const [mark, index] = MARK.exec(line) ?? [];
  if (mark === undefined) return line;
  const { template, condition } = params[Number(index)]!;
  const filled = line.replace(mark, () => template);
  return condition ? `{{- if ${condition.expression} }}\n${filled}\n{{- end }}` : filled;
}

/** Every value that the files ask for. */
export const valuesIn = (files: readonly ManifestFile[]): Value[] =>
  files.flatMap(({ manifests }) =>
    manifests.flatMap(({ object, when }) => [...(when?.values ?? []), ...valuesOfNode(object)]),
  );

function valuesOfNode(node: Node): Value[] {
  if (node instanceof Param) return [...node.values, ...(node.condition?.values ?? [])];
  if (typeof node !== 'object' || node === null) return [];
  return Object.values(node).flatMap((child: Node) => valuesOfNode(child));
}
