import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cli } from '../terminal/cli.fixture.js';

describe('where nothing runs, the command line', () => {
  let env: Record<string, string>;
  beforeAll(() => (env = { NODE_ENV: 'test', DATA_DIR: mkdtempSync(join(tmpdir(), 'nakku-cli-')) }));
  afterAll(() => rmSync(env.DATA_DIR!, { recursive: true }));

  it('loads the demo data once, and says how much', async () => {
    const some = { ...env, SERVICES: 'gateway,delivery,user' };
    const { code, out } = await cli('seed', some);
    expect(code).toBe(0);
    expect(out).toMatch(/^user: loaded \d+ rows\ndelivery: loaded 12 rows\n$/);
    expect((await cli('seed', some)).out).toMatch(
      /^user: has (\d+) rows already, nothing was loaded\ndelivery: has 12 rows/,
    );
    expect(JSON.parse((await cli('seed --json', some)).out)).toContainEqual({
      domain: 'delivery',
      before: 12,
      loaded: 0,
    });
  });

  it('loads none in production', async () => {
    expect(await cli('seed', { ...env, NODE_ENV: 'production' })).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('nothing was loaded'),
    });
  });

  it('signs a token for an account that is there, and for nobody else', async () => {
    const { code, out, err } = await cli('token --email customer@nakku.test', env);
    expect(code).toBe(0);
    expect(out).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(err).toBe('This token acts as customer@nakku.test (customer) for 15 minutes\n');
    expect(await cli('token --email nobody@example.com', env)).toEqual({
      code: 1,
      out: '',
      err: 'There is no account nobody@example.com\n',
    });
  });
});
