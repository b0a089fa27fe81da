import { join, resolve } from 'node:path';
import { type Artefact, bringUpToDate, deploymentOf, type Difference, differencesOf, render } from '@nakku/deploy';
import { projectRoot, readTopology, topologyNames } from '@nakku/runtime';
import { catalogue } from '../catalogue.js';
import { EXIT } from '../terminal/failure.js';
import { print, printJson } from '../terminal/print.js';

interface Options {
  check?: boolean;
  into?: string;
  json?: boolean;
}

/** What is rendered of one topology, and how the files differ from it. */
export interface Rendered {
  name: string;
  files: Artefact[];
  differences: Difference[];
}

/** `topology render` */
export function renderTopologies(names: string[], { check = false, into, json }: Options): void {
  const folder = into === undefined ? join(projectRoot(), 'deploy') : resolve(into);
  const results = compare(names, folder);
  if (!check) for (const { files, differences } of results) bringUpToDate(folder, files, differences);
  if (json) printJson(results.map(({ files, ...result }) => ({ ...result, files: files.length })));
  else results.forEach((result) => (check ? told : written)(result));
  if (check && results.some(({ differences }) => differences.length > 0)) process.exitCode = EXIT.failed;
}

/** How the files below `folder` differ from these topologies; from all, and from nothing else, when none is named. */
export function compare(names: readonly string[], folder: string): Rendered[] {
  const known = catalogue();
  const rendered = (names.length > 0 ? names : topologyNames()).map((name) => {
    const deployment = deploymentOf(readTopology(name), known);
    return { name: deployment.name, files: render(deployment) };
  });
  const results = rendered.map(({ name, files }) => ({
    name,
    files,
    differences: differencesOf(folder, files, [`rendered/${name}`, ...chartsOf(files)]),
  }));
  if (names.length > 0) return results;
  const paths = new Set(rendered.flatMap(({ files }) => files.map(({ path }) => path)));
  const told = new Set(results.flatMap(({ differences }) => differences.map(({ path }) => path)));
  const gone = differencesOf(folder, [], ['rendered', 'helm']).filter(
    ({ path }) => !paths.has(path) && !told.has(path),
  );
  return gone.length > 0 ? [...results, { name: '(topologies that are gone)', files: [], differences: gone }] : results;
}

/** `helm/<chart>`: charts are beside the folders of the topologies. */
const chartsOf = (files: readonly Artefact[]): string[] => [
  ...new Set(files.flatMap(({ path }) => path.match(/^helm\/[^/]+/)?.[0] ?? [])),
];

const count = (differences: readonly Difference[], stale: boolean): number =>
  differences.filter(({ what }) => (what === 'stale') === stale).length;

function written({ name, files, differences }: Rendered): void {
  print(`${name}: ${files.length} files, ${count(differences, false)} written, ${count(differences, true)} removed`);
}

function told({ name, files, differences }: Rendered): void {
  const state = differences.length > 0 ? `${differences.length} differ: npx nakku topology render` : 'all up to date';
  print(`${name}: ${files.length} files, ${state}`);
  for (const { path, what } of differences) print(`  ${what.padEnd(7)}  ${path}`);
}
