// `npm run check`: types, lint, import boundaries and format, side by side; prints only what failed.
const { spawn } = require('node:child_process');
const { join } = require('node:path');

const root = join(__dirname, '..');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const CHECKS = {
  format: [bin('prettier'), '--check', '--log-level', 'warn', '--cache', '.'],
  'types and lint': [bin('oxlint'), '--type-aware', '--type-check', '--deny-warnings', 'apps', 'libs', 'test', 'tools'],
  boundaries: [bin('depcruise'), '--config', '.dependency-cruiser.cjs', '--output-type', 'err', 'apps', 'libs', 'test'],
};

function run(name) {
  const [command, ...args] = CHECKS[name];
  const startedAt = Date.now();
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, { cwd: root });
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => {
      process.stdout.write(
        `${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)\n${code === 0 ? '' : output}`,
      );
      resolve(code === 0);
    });
  });
}

// The first takes longest and the machine may have two cores: the others share the second one.
async function main() {
  const [longest, ...others] = Object.keys(CHECKS);
  const inTurn = async () => {
    let good = true;
    for (const name of others) good = (await run(name)) && good;
    return good;
  };
  const results = await Promise.all([run(longest), inTurn()]);
  process.exit(results.every(Boolean) ? 0 : 1);
}
void main();
