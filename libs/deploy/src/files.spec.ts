import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bringUpToDate, differencesOf } from './files.js';

const FILES = [
  { path: 'rendered/a/compose.yml', content: 'one\n' },
  { path: 'rendered/a/sub/run.sh', content: 'two\n', executable: true },
];
const OWNED = ['rendered/a'];

describe('rendered files', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nakku-files-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const put = (path: string, content = '') => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const differences = () => differencesOf(folder, FILES, OWNED);
  const update = () => bringUpToDate(folder, FILES, differences());

  it('are written where there are none, and then differ in nothing', () => {
    expect(differences().map(({ what }) => what)).toEqual(['missing', 'missing']);
    update();
    expect(differences()).toEqual([]);
    expect(readFileSync(join(folder, 'rendered/a/compose.yml'), 'utf8')).toBe('one\n');
    expect(statSync(join(folder, 'rendered/a/sub/run.sh')).mode & 0o777).toBe(0o755);
  });

  it('are written again when they were edited, or are no longer executable', () => {
    update();
    put('rendered/a/compose.yml', 'edited');
    rmSync(join(folder, 'rendered/a/sub/run.sh'));
    put('rendered/a/sub/run.sh', 'two\n');
    expect(differences()).toEqual([
      { path: 'rendered/a/compose.yml', what: 'changed' },
      { path: 'rendered/a/sub/run.sh', what: 'changed' },
    ]);
    update();
    expect(differences()).toEqual([]);
  });

  it('go when they are rendered no more, with their folders', () => {
    update();
    put('rendered/a/old/deep/gone.yml');
    expect(differences()).toEqual([{ path: 'rendered/a/old/deep/gone.yml', what: 'stale' }]);
    update();
    expect(existsSync(join(folder, 'rendered/a/old'))).toBe(false);
    expect(existsSync(join(folder, 'rendered/a/sub'))).toBe(true);
  });

  it('leave alone what is elsewhere, and what operators keep beside them', () => {
    const others = [
      'rendered/b/compose.yml',
      'secrets/key',
      'rendered/a/.env',
      'rendered/a/docker-compose.override.yml',
    ];
    others.forEach((path) => put(path));
    update();
    expect(others.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
  });
});
