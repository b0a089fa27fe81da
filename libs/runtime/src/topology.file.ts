import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { ConfigError } from '@nakku/config';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { projectRoot } from './seed.js';
import { type TopologyProblem, topologyProblems } from './topology.checks.js';
import { problemsOf, wordsFor } from './topology.issues.js';
import { Topology } from './topology.schema.js';

const LIMIT = 256 * 1024;

/** `deploy/topologies` of this installation. */
export const topologyFolder = (): string => join(projectRoot(), 'deploy', 'topologies');

/** The names of the topologies that there are. */
export const topologyNames = (): string[] =>
  readdirSync(topologyFolder())
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();

/**
 * Reads a topology by name (`deploy/topologies/<name>.yaml`) or path. Throws ConfigError when it is missing, or with a line for each thing that
 * is wrong with it: `<file>:<line>:<column>: <what>`.
 */
export function readTopology(name: string): Topology {
  const file = name.includes('/') || name.endsWith('.yaml') ? resolve(name) : join(topologyFolder(), `${name}.yaml`);
  const text = textOf(file, name);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${shownPath(file)}:${line}:${col}`;
  };
  if (document.errors.length > 0)
    throw wrong(document.errors.map(({ pos, message }) => `${at(pos[0])}: is not YAML: ${firstLine(message)}`));
  const { topology, problems } = check(valueOf(document, file), file);
  if (topology) return topology;
  throw wrong(
    problems.map(
      ({ path, message }) => `${at(offsetOf(document, path))}: ${[path.join('.'), message].join(' ').trim()}`,
    ),
  );
}

function textOf(file: string, name: string): string {
  const refuse = (why: string) => wrong([`TOPOLOGY must name a topology, but "${name}" ${why}`]);
  const known = name.includes('/')
    ? 'is not there'
    : `is not in deploy/topologies, which has ${topologyNames().join(', ')}`;
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) throw refuse(known);
  if (!stat.isFile()) throw refuse('is no file');
  if (stat.size > LIMIT) throw refuse(`has more than ${LIMIT / 1024} KiB`);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw refuse(`cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** A few aliases that name each other may stand for a document without end: the parser gives that up. */
function valueOf(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw wrong([`${shownPath(file)}:1:1: is not YAML: ${firstLine((error as Error).message)}`]);
  }
}

function check(value: unknown, file: string): { topology?: Topology; problems: TopologyProblem[] } {
  const result = Topology.safeParse(value ?? undefined, { error: wordsFor });
  if (!result.success) return { problems: problemsOf(result.error.issues) };
  const problems = [...misnamed(result.data, file), ...topologyProblems(result.data)];
  return problems.length === 0 ? { topology: result.data, problems } : { problems };
}

/** Whatever is rendered is found by this name, and tells processes to read the file of this name. */
function misnamed({ name }: Topology, file: string): TopologyProblem[] {
  const expected = basename(file, '.yaml');
  if (dirname(file) !== topologyFolder() || name === expected) return [];
  return [{ path: ['name'], message: `must be that of the file, ${expected}, but was ${name}` }];
}

/** Where the innermost of these keys begins that the file has: its value, or, where that is what should not be there, the key. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return isScalar(node) ? node.range[0] : keyOffset(document, path.slice(0, length));
  }
  return isNode(document.contents) && document.contents.range ? document.contents.range[0] : 0;
}

/** A list or a group begins under its key: the key is what one looks for. */
function keyOffset(document: Document, path: readonly PropertyKey[]): number {
  const parent = document.getIn(path.slice(0, -1), true);
  const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
  const node = pair?.key ?? document.getIn(path, true);
  return isNode(node) && node.range ? node.range[0] : 0;
}

function shownPath(file: string): string {
  const fromRoot = relative(projectRoot(), file);
  return fromRoot.startsWith('..') ? file : fromRoot;
}

const firstLine = (text: string): string => text.split('\n', 1)[0]!.trim();
const wrong = (sentences: readonly string[]): ConfigError =>
  new ConfigError(sentences.map((sentence) => ({ name: 'TOPOLOGY', sentence })));
