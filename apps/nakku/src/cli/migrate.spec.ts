import { availableServers, describeWith, dropPrefix, freshPrefix, namesWith } from '@nakku/testing';
import { cli } from '../terminal/cli.fixture.js';

it('nakku migrate refuses to migrate what has no server', async () => {
  for (const command of ['migrate up order', 'migrate down order'])
    expect(await cli(command)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^DB_HOST \(or ORDER_DB_HOST\) must name the server/),
    });
});

for (const name of availableServers('mysql', 'mariadb').slice(0, 1))
  describeWith([name], `nakku migrate on ${name}`, (servers) => {
    const prefix = freshPrefix();
    const env = () => ({ ...servers[name].env, ...namesWith(prefix) });
    const on = (args: string, more: Record<string, string> = {}) => cli(args, { ...env(), ...more });

    afterAll(() => dropPrefix(prefix, servers[name]));

    it('says what is pending, brings it up to date, and then finds nothing', async () => {
      expect(await on('migrate status cart')).toMatchObject({
        code: 3,
        out: expect.stringMatching(new RegExp(`^${prefix}_cart: lacks ReplicaHeartbeat1700000000000, `)),
      });
      expect(await on('migrate up cart')).toMatchObject({
        code: 0,
        out: expect.stringContaining(`${prefix}_cart: ran `),
      });
      expect(await on('migrate status cart')).toEqual({ code: 0, out: `${prefix}_cart: up to date\n`, err: '' });
      expect(JSON.parse((await on('migrate up --json', { SERVICES: 'gateway,cart' })).out)).toEqual([
        { domain: 'cart', database: `${prefix}_cart`, ran: [] },
      ]);
    });

    it('needs no secret of a service in production, where it asks before it takes anything away', async () => {
      const refused = await on('migrate down cart', { NODE_ENV: 'production' });
      expect(refused).toMatchObject({ code: 1, out: '' });
      expect(refused.err).toMatch(/^\w+: undoing it loses the table \w+ \(\d+ rows\)/m);
      expect(refused.err).toMatch(/^Nothing was undone: NODE_ENV is production/m);
      expect((await on('migrate down cart --dry-run')).out).toBe('');
      expect((await on('migrate status cart', { NODE_ENV: 'production' })).code).toBe(0);
    });

    it('goes back a migration, and forth again', async () => {
      const { out } = await on('migrate down cart --yes', { NODE_ENV: 'production' });
      expect(out).toMatch(/^cart: undid \w+\n$/);
      expect((await on('migrate status cart')).code).toBe(3);
      expect((await on('migrate up cart')).code).toBe(0);
    });
  });
