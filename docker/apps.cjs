// Which processes do these topologies have? Their names, one a line. Runs inside the image: node - TOPOLOGY... < docker/apps.cjs
const { deploymentOf } = require('/app/dist/libs/deploy/src/index.js');
const { readTopology } = require('/app/dist/libs/runtime/src/index.js');
const { catalogue } = require('/app/dist/apps/nakku/src/catalogue.js');

try {
  const services = catalogue();
  const names = process.argv
    .slice(2)
    .flatMap((name) => deploymentOf(readTopology(name), services).processes.map(({ app }) => app));
  process.stdout.write(`${[...new Set(names)].sort().join('\n')}\n`);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
