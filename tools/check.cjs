// `npm run check`: format, lint, types and import boundaries, side by side; prints only what failed.
const { spawn } = require('node:child_process');
const { join } = require('node:path');

const root = join(__dirname, '..');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const CHECKS = {
  types: [bin('tsc'), '--noEmit', '--incremental', '--tsBuildInfoFile', 'node_modules/.cache/tsc/all.tsbuildinfo'],
  lint: [bin('eslint'), '--cache', '--cache-location', 'node_modules/.cache/eslint/', '--max-warnings', '0', '.'],
  format: [bin('prettier'), '--check', '--log-level', 'warn', '--cache', '.'],
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

// Lint takes longest and the machine may have two cores: the others share the second one.
async function main() {
  const wanted = process.argv.slice(2);
  const others = async () => {
    let good = true;
    for (const name of ['types', 'boundaries', 'format'])
      if (wanted.length === 0 || wanted.includes(name)) good = (await run(name)) && good;
    return good;
  };
  const results = await Promise.all([wanted.length === 0 || wanted.includes('lint') ? run('lint') : true, others()]);
  process.exit(results.every(Boolean) ? 0 : 1);
}
void main();
