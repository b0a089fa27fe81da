import { chmodSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { Artefact } from './artefact.js';

/** A file that is not as it is rendered: not there, other than it should be, or there and rendered no more. */
export interface Difference {
  path: string;
  what: 'missing' | 'changed' | 'stale';
}

/** What an operator keeps beside rendered files, and compose reads there. */
const OF_OPERATORS = /(^|\/)(\.env[^/]*|[^/]*\.override\.ya?ml)$/;

/** How the files below `folder` differ from these artefacts; whatever else is in the folders `owned` (below `folder`) is stale. */
export function differencesOf(folder: string, artefacts: readonly Artefact[], owned: readonly string[]): Difference[] {
  const wanted = new Set(artefacts.map(({ path }) => path));
  const there = new Set(owned.flatMap((path) => filesBelow(folder, path)));
  const wrong = artefacts.flatMap((artefact): Difference[] => {
    const content = contentOf(join(folder, artefact.path));
    if (content === undefined) return [{ path: artefact.path, what: 'missing' }];
    const same = content === artefact.content && hasMode(join(folder, artefact.path), artefact);
    return same ? [] : [{ path: artefact.path, what: 'changed' }];
  });
  const stale = [...there].filter((path) => !wanted.has(path)).map((path): Difference => ({ path, what: 'stale' }));
  return [...wrong, ...stale].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Writes what is missing or changed, and removes what is stale. */
export function bringUpToDate(
  folder: string,
  artefacts: readonly Artefact[],
  differences: readonly Difference[],
): void {
  const byPath = new Map(artefacts.map((artefact) => [artefact.path, artefact]));
  for (const { path } of differences) {
    const artefact = byPath.get(path);
    if (artefact) write(join(folder, path), artefact);
    else remove(folder, path);
  }
}

function write(file: string, { content, executable }: Artefact): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, executable ? 0o755 : 0o644);
}

/** The folders that it leaves empty go too. */
function remove(folder: string, path: string): void {
  rmSync(join(folder, path), { force: true });
  for (let parent = posix.dirname(path); parent !== '.'; parent = posix.dirname(parent)) {
    if (readdirSync(join(folder, parent)).length > 0) return;
    rmdirSync(join(folder, parent));
  }
}

function filesBelow(folder: string, path: string): string[] {
  const entries = statSync(join(folder, path), { throwIfNoEntry: false })?.isDirectory()
    ? readdirSync(join(folder, path), { withFileTypes: true })
    : [];
  return entries.flatMap((entry) => {
    const inner = posix.join(path, entry.name);
    if (entry.isDirectory()) return filesBelow(folder, inner);
    return OF_OPERATORS.test(inner) ? [] : [inner];
  });
}

function contentOf(file: string): string | undefined {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, 'utf8') : undefined;
}

/** Windows has no such mode; git keeps it. */
const hasMode = (file: string, { executable = false }: Artefact): boolean =>
  process.platform === 'win32' || ((statSync(file).mode & 0o100) !== 0) === executable;
