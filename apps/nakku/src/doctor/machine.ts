import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { PlaceSettings } from '@nakku/config';
import { fail, type Finding, graded, ok, skip } from './finding.js';
import type { Check } from './patient.js';

const NODE = { major: 20, minor: 11 };
const GIB = 1024 ** 3;
/** Free space, counted from its end. */
const FREE_GIB = { warn: -2, fail: -0.25 };

/** Whether this Node can run Nakku. */
export const node: Check = {
  name: 'node',
  look: async () => [nodeFinding(process.versions.node)],
};

export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > NODE.major || (major === NODE.major && minor >= NODE.minor);
  return enough
    ? ok('node', version)
    : fail('node', `${version} is too old`, `install Node ${NODE.major}.${NODE.minor} or newer`);
}

/** Whether there is room for the embedded stores. */
export const disk: Check = {
  name: 'disk',
  look: async ({ environment, deployment }) => {
    if (deployment.databases.length > 0) return [skip('disk', 'the data is on database servers')];
    const folder = nearest(resolve(environment.get(PlaceSettings).DATA_DIR));
    const { bavail, bsize } = await statfs(folder);
    const free = (bavail * bsize) / GIB;
    return [
      graded(
        'disk',
        -free,
        FREE_GIB,
        `${free.toFixed(1)} GiB are free for ${folder}`,
        'free some space: without it nothing can be written',
      ),
    ];
  },
};

/** The folder, or the one in which it would be made. */
const nearest = (folder: string): string =>
  existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
