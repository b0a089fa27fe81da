// Builds when a source is newer than the last build, so that `npm start` and `npm test` never run old code.
const { spawnSync } = require('node:child_process');
const { existsSync, readdirSync, statSync, utimesSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const stamp = join(root, 'dist', '.built');

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

const sources = ['apps', 'libs', '.swcrc', 'nest-cli.json', 'tsconfig.json', 'package-lock.json'].map((name) =>
  join(root, name),
);
const upToDate = existsSync(stamp) && Math.max(...sources.filter(existsSync).map(newest)) <= statSync(stamp).mtimeMs;
if (!upToDate) {
  const startedAt = new Date();
  const built = spawnSync(process.execPath, [require.resolve('@nestjs/cli/bin/nest.js'), 'build', 'nakku'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (built.status !== 0) process.exit(built.status ?? 1);
  writeFileSync(stamp, '');
  utimesSync(stamp, startedAt, startedAt); // a source saved while the build ran is newer
}
