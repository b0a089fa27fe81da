import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { closeDatabases, type Databases, LISTENERS, openDatabases, orderCreated, processOn } from './city.fixture.js';
import { event, OutboxRow } from './index.js';

describe('publishing', () => {
  let dataDir: string;
  let databases: Databases;

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'nakku-test-'));
    databases = await openDatabases({ dataDir });
  });
  afterEach(async () => {
    await closeDatabases(databases);
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('is refused outside a transaction, and for another domain’s event', async () => {
    const { bus } = processOn(databases, {});
    await expect(bus.publish(orderCreated({ orderId: 'a', step: 0 }))).rejects.toThrow('outside a transaction');
    const payload = z.object({ cartId: z.string() });
    const cartCleared = event({ type: 'cart.cleared', version: 1, key: 'cartId', payload });
    const foreign = databases.order.transaction(() => bus.publish(cartCleared({ cartId: 'c' })));
    await expect(foreign).rejects.toThrow('does not own');
  });

  it('is refused for an event that the tables cannot hold, with its size, and nothing is committed', async () => {
    const process = processOn(databases, {});
    await expect(process.publish('k'.repeat(70_000))).rejects.toThrow(
      /^order\.created has \d{6} bytes, but an event may have 65535 at most$/,
    );
    await process.publish('k'.repeat(150));
    expect(await databases.order.manager.count(OutboxRow)).toBe(1);
  });

  it('gives later events later places, even when the clock is set back', async () => {
    const process = processOn(databases, {});
    await process.publish('a', 0);
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() - 3600_000);
    await process.publish('a', 1);
    clock.mockRestore();
    await process.publish('a', 2);
    const rows = await databases.order.manager.find(OutboxRow, { order: { seq: 'ASC' } });
    expect(rows.map(({ envelope }) => JSON.parse(envelope).data.step)).toEqual([0, 1, 2]);
  });

  it('refuses two handlers of one domain for one event', () => {
    const { server } = processOn(databases, { cart: async () => undefined });
    const extras = { definition: orderCreated, listener: LISTENERS.cart };
    expect(() => server.addHandler('order.created', (async () => undefined) as never, true, extras)).toThrow('twice');
  });
});
