import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topologyFolder } from '@nakku/runtime';
import { cli } from '../terminal/cli.fixture.js';

describe('nakku topology', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nakku-cli-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('lists what there is, for people and for programs', async () => {
    const { out } = await cli('topology list');
    expect(out).toMatch(/^NAME +PROCESSES +COPIES +DATA/);
    expect(out).toMatch(/^clustered +11 +18 +mysql, kafka, redis/m);
    const listed = JSON.parse((await cli('topology list --json')).out) as object[];
    expect(listed).toContainEqual(expect.objectContaining({ name: 'single-server', processes: 1, data: 'embedded' }));
  });

  it('shows who runs where', async () => {
    const { out } = await cli('topology show sharded');
    expect(out).toMatch(/^order-service +8084 +2 +512 MiB +0.5 +order$/m);
    expect(out).toMatch(/^mysql +mysql-shard-2 \(order, cart, inventory\)$/m);
    const shown = JSON.parse((await cli('topology show kubernetes --json')).out) as {
      gateway: string;
      brokers: string[];
    };
    expect(shown).toMatchObject({ gateway: 'api-gateway', brokers: ['kafka-1', 'kafka-2', 'kafka-3'] });
  });

  it('checks any file, and says all that is wrong with line and column', async () => {
    const file = join(folder, 'mine.yaml');
    const text = readFileSync(join(topologyFolder(), 'clustered.yaml'), 'utf8').replace(
      'name: clustered',
      'name: mine',
    );
    writeFileSync(file, text);
    expect(await cli(['topology', 'check', file])).toMatchObject({ code: 0, out: `${file}: nothing is wrong\n` });

    writeFileSync(file, text.replace('port: 8081', 'port: 8080').replace('minInSync: 2', 'minInSync: 5'));
    const { code, err } = await cli(['topology', 'check', file, 'single-server']);
    expect(code).toBe(1);
    expect(err.split('\n').slice(0, -1)).toEqual([
      expect.stringMatching(
        /mine\.yaml:\d+:\d+: processes\.1\.port must differ from the others, but gateway has it too$/,
      ),
      expect.stringMatching(/mine\.yaml:\d+:\d+: data\.kafka\.minInSync must be at most replication \(3\), but was 5$/),
    ]);
  });

  it('renders into a folder, and says what differs there without writing', async () => {
    const into = (...args: string[]) => cli(['topology', 'render', ...args, '--into', folder]);
    const before = await into('single-server', '--check');
    expect(before).toMatchObject({ code: 1, out: expect.stringContaining('  missing  rendered/single-server/') });
    expect(existsSync(join(folder, 'rendered'))).toBe(false);

    expect((await into('single-server')).out).toMatch(/^single-server: (\d+) files, \1 written, 0 removed$/m);
    expect(await into('single-server', '--check')).toMatchObject({
      code: 0,
      out: expect.stringContaining('all up to date'),
    });

    writeFileSync(join(folder, 'rendered', 'single-server', 'left-over.conf'), '');
    expect((await into('single-server', '--check')).out).toContain('  stale    rendered/single-server/left-over.conf');
    expect((await into('single-server')).out).toMatch(/ 0 written, 1 removed$/m);
  });

  it('removes what is left of a topology that is gone, when all are rendered', async () => {
    const gone = join(folder, 'rendered', 'gone');
    await cli(['topology', 'render', '--into', folder]);
    mkdirSync(gone);
    writeFileSync(join(gone, 'docker-compose.yml'), '');
    expect((await cli(['topology', 'render', 'sharded', '--into', folder])).out).not.toContain('gone');
    const { out } = await cli(['topology', 'render', '--into', folder]);
    expect(out).toContain('(topologies that are gone): 0 files, 0 written, 1 removed');
    expect(existsSync(gone)).toBe(false);
  });

  it('writes nothing at all when one of the topologies is wrong', async () => {
    writeFileSync(join(folder, 'wrong.yaml'), 'name: wrong\n');
    const ended = await cli(['topology', 'render', 'sharded', join(folder, 'wrong.yaml'), '--into', folder]);
    expect(ended).toMatchObject({ code: 1, out: '', err: expect.stringContaining('processes is missing') });
    expect(existsSync(join(folder, 'rendered'))).toBe(false);
  });
});
