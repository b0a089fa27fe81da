// Takes out of a folder of installed packages what Node never runs: types, source maps, tests, prose, builds for browsers and for another C library.
// Usage: node docker/prune.cjs node_modules
const { existsSync, readdirSync, rmSync, statSync } = require('node:fs');
const { join } = require('node:path');

/** Node 20 runs no TypeScript; a licence stays beside what it covers. */
const unused = (name) =>
  /\.(map|ts|mts|cts|flow|tsbuildinfo)$|\.(spec|test)\.[cm]?js$/.test(name) ||
  (/\.(md|markdown)$/i.test(name) && !/licen[cs]e/i.test(name));

/** Second builds of a package, of which Node loads the first. */
const SECOND_BUILDS = [
  'h3-js/dist/browser',
  'rxjs/dist/bundles',
  'rxjs/dist/esm',
  'rxjs/dist/esm5',
  'rxjs/src',
  'swagger-ui-dist/swagger-ui-es-bundle.js',
  'swagger-ui-dist/swagger-ui-es-bundle-core.js',
  'typeorm/browser',
  'zod/src',
];

/** Packages with binaries that are linked against glibc or musl; npm installs both where they don't declare it. */
const foreign = (name) =>
  (process.report.getReport().header.glibcVersionRuntime ? /linux-\w+-musl$/ : /linux-\w+-gnu$/).test(name);

function prune(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (foreign(entry.name)) rmSync(path, { recursive: true });
      else prune(path);
    } else if (unused(entry.name)) rmSync(path);
  }
}

const [root] = process.argv.slice(2);
if (!root || !existsSync(root) || !statSync(root).isDirectory()) {
  process.stderr.write('Usage: node docker/prune.cjs FOLDER (an installed node_modules)\n');
  process.exit(1);
}
for (const path of SECOND_BUILDS) rmSync(join(root, path), { recursive: true, force: true });
prune(root);
