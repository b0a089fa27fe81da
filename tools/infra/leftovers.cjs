// Servers of test runs: a folder `nakku-servers-*` each, with the process that owns it.
const { spawnSync } = require('node:child_process');
const { existsSync, readFileSync, readdirSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/** Ends the servers of a folder, if there is one, and deletes it. */
function takeDown(folder) {
  if (!existsSync(folder)) return;
  spawnSync('bash', [join(__dirname, 'down.sh'), '-d', folder, '--purge'], { stdio: 'ignore' });
}

/** Takes down what the runs left that were killed together with their guard. */
function cleanUp() {
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith('nakku-servers-'))) {
    const owner = join(tmpdir(), name, 'owner');
    if (existsSync(owner) && !lives(readFileSync(owner, 'utf8'))) takeDown(join(tmpdir(), name));
  }
}

/** A process is known by its id and when it started: an id alone may be somebody else's by now. */
function lives(owner) {
  const [pid, started] = owner.trim().split(' ');
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /s, '').split(' ')[19] === started;
  } catch {
    return false;
  }
}

module.exports = { cleanUp, takeDown };
