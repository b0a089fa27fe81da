import { describeWith } from '@nakku/testing';
import { type Database, type ServerOptions } from './index.js';
import { type Proxy, proxyTo } from './proxy.fixture.js';
import { Counter, counters, dropDatabase, freshDatabase, openCounters } from './server.fixture.js';

describeWith(['mysql'], 'what is said to a server', (servers) => {
  let server: ServerOptions;
  let proxy: Proxy;
  let database: Database;
  let rows: ReturnType<typeof counters>;
  let said: string[];

  beforeAll(async () => {
    server = freshDatabase(servers.mysql);
    proxy = await proxyTo(server);
    database = await openCounters({ ...server, ...proxy.address });
    rows = counters(database);
    await rows.add('a');
  });
  afterAll(async () => {
    await database.close();
    proxy.close();
    await dropDatabase(server);
  });
  beforeEach(() => {
    said = [];
    proxy.intercept((text) => {
      said.push(/[A-Z]{2,}( TO)?( SAVEPOINT)?/.exec(text)?.[0] ?? text);
      return 'pass';
    });
  });

  it('in a transaction is its statements between a start and a commit, and nothing else', async () => {
    await database.transaction(async () => {
      await rows.set('a', 1);
      await rows.add('b');
    });
    expect(said).toEqual(['START', 'UPDATE', 'INSERT', 'COMMIT']);
  });

  it('in a nested one is a savepoint more, and a word only when it is undone', async () => {
    await database.transaction(async () => {
      await database.transaction(() => rows.set('a', 2));
      await database
        .transaction(() => rows.set('a', 3).then(() => Promise.reject(new Error('no'))))
        .catch(() => undefined);
    });
    expect(said).toEqual(['START', 'SAVEPOINT', 'UPDATE', 'SAVEPOINT', 'UPDATE', 'ROLLBACK TO SAVEPOINT', 'COMMIT']);
  });

  it('outside a transaction is the statement', async () => {
    await rows.set('a', 4);
    await database.manager.count(Counter);
    expect(said).toEqual(['UPDATE', 'SELECT']);
  });

  it('is nothing by a transaction that asks for nothing', async () => {
    expect(await database.transaction(async () => 'done')).toBe('done');
    await database.ping(); // somebody has just been answered
    expect(said).toEqual([]);
  });
});
