import { CartApi, LocationApi, UserApi } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TokenService } from '@nakku/auth';
import { domainHarness, eventually, fake, type Harness } from '@nakku/testing';
import { OrderModule } from './order.module.js';
import { tellsOf, TestTown } from './town.fixture.js';
import type { OrderUpdate } from './update.entity.js';
import { UpdateRepository } from './update.repository.js';
import { UpdateService } from './update.service.js';

type Actor = ReturnType<Harness['actor']>;
let t: Harness;
let town: TestTown;
let url: string;
let customer: Actor;
const opened: (() => void)[] = [];

beforeEach(async () => {
  town = new TestTown();
  t = await domainHarness(OrderModule, {
    fakes: [fake(UserApi, town.users), fake(LocationApi, town.locations), fake(CartApi, town.cart)],
    env: { ORDER_STREAM_HEARTBEAT_MS: '150', ORDER_STREAM_POLL_MS: '50', ORDER_STREAMS_PER_USER: '2' },
  });
  await t.app.listen(0, '127.0.0.1');
  url = `http://127.0.0.1:${(t.app.getHttpServer().address() as AddressInfo).port}`;
  customer = t.actor('customer');
});
afterEach(async () => {
  opened.splice(0).forEach((stop) => stop());
  await t.close();
});

async function place() {
  const answer = await t.http.post('/api/v1/orders', {
    as: customer,
    body: { addressId: town.addressId, paymentMethod: 'cod' },
    headers: { 'idempotency-key': newId() },
  });
  const id = answer.body.id as string;
  return { id, tells: tellsOf(id, customer.id, town.storeId) };
}

interface Told {
  id: number;
  event: string;
  data: { status: string; etaAt?: string; lat?: number; position?: { lat: number } };
}

/** A connection: what was told so far, how often it said that it lives, and whether it was closed. */
async function listen(orderId: string, { as = customer, lastEventId }: { as?: Actor; lastEventId?: number } = {}) {
  const token = await t.app.get(TokenService).signAccess(as);
  const headers = {
    authorization: `Bearer ${token}`,
    ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = get(`${url}/api/v1/orders/${orderId}/stream`, { headers, agent: false }, resolve).on(
      'error',
      reject,
    );
    opened.push(() => request.destroy());
  });
  const heard = {
    status: response.statusCode,
    headers: response.headers,
    told: [] as Told[],
    beats: 0,
    closed: false,
    stop: () => response.destroy(),
  };
  void collect(response, heard).catch(() => undefined);
  return heard;
}

async function collect(
  response: IncomingMessage,
  heard: { told: Told[]; beats: number; closed: boolean },
): Promise<void> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response) {
    const blocks = (text + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith(':')) heard.beats++;
      else heard.told.push(parse(block));
    }
  }
  heard.closed = true;
}

function parse(block: string): Told {
  const field = (name: string) =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))!
      .slice(name.length + 2);
  return { id: Number(field('id')), event: field('event'), data: JSON.parse(field('data')) as Told['data'] };
}
const brief = ({ told }: { told: Told[] }) => told.map(({ event, data }) => `${event} ${data.status}`);
const grows = ({ told }: { told: Told[] }) => told.every(({ id }, i) => i === 0 || id > told[i - 1]!.id);
const heardAll = (heard: { told: Told[] }, count: number) =>
  eventually(`${count} events`, async () => heard.told.length >= count, 5000);

describe('the stream of an order', () => {
  it('begins with the present state, tells what happens, and ends with the order', async () => {
    const { id, tells } = await place();
    const heard = await listen(id);
    expect(heard.status).toBe(200);
    expect(heard.headers['content-type']).toContain('text/event-stream');
    expect(heard.headers['cache-control']).toBe('no-store');
    expect(heard.headers['x-accel-buffering']).toBe('no');
    expect(heard.headers['x-request-id']).toBeTruthy();
    expect(heard.headers['x-content-type-options']).toBe('nosniff');
    await heardAll(heard, 1);
    await t.deliver(tells.paid());
    await t.deliver(tells.assigned());
    await t.http.post(`/api/v1/orders/${id}/pack`, { as: t.actor('admin') });
    await t.deliver(tells.started());
    await t.deliver(tells.moved(12.9));
    await heardAll(heard, 6);
    await t.deliver(tells.completed());
    await eventually('the end of the stream', async () => heard.closed, 5000);
    expect(brief(heard)).toEqual([
      ...['status pending', 'status confirmed', 'eta confirmed', 'status packed', 'status out_for_delivery'],
      ...['position out_for_delivery', 'status delivered'],
    ]);
    expect(grows(heard)).toBe(true);
    expect(heard.told[5]!.data).toMatchObject({ lat: 12.9, etaAt: '2026-01-01T10:12:00.000Z' });
  });

  it('tells a late comer the present state in one event, with the newest ETA and position', async () => {
    const { id, tells } = await place();
    await t.deliver(tells.paid());
    await t.deliver(tells.assigned());
    for (const lat of [1, 2, 3]) await t.deliver(tells.moved(lat));
    await t.http.post(`/api/v1/orders/${id}/pack`, { as: t.actor('admin') });
    const heard = await listen(id);
    await heardAll(heard, 1);
    expect(heard.told[0]).toMatchObject({
      event: 'status',
      data: { status: 'packed', etaAt: '2026-01-01T10:12:00.000Z', position: { lat: 3 } },
    });
    await t.deliver(tells.moved(4));
    await heardAll(heard, 2);
    expect(brief(heard)).toEqual(['status packed', 'position packed']);
  });

  it('goes on after Last-Event-ID with everything that was missed, of the positions with the newest', async () => {
    const { id, tells } = await place();
    const first = await listen(id);
    await heardAll(first, 1);
    first.stop();
    await t.deliver(tells.paid());
    await t.deliver(tells.moved(1));
    await t.deliver(tells.moved(2));
    await t.deliver(tells.assigned());
    const second = await listen(id, { lastEventId: first.told[0]!.id });
    await heardAll(second, 3);
    expect(brief(second)).toEqual(['status confirmed', 'position confirmed', 'eta confirmed']);
    expect(second.told[1]!.data.lat).toBe(2);
    expect(grows({ told: [...first.told, ...second.told] })).toBe(true);
  });

  it('tells a client that missed the end the end, and one that did not to stay away', async () => {
    const { id, tells } = await place();
    const first = await listen(id);
    await heardAll(first, 1);
    first.stop();
    await t.deliver(tells.rejected());
    const second = await listen(id, { lastEventId: first.told[0]!.id });
    await eventually('the end of the stream', async () => second.closed, 5000);
    expect(brief(second)).toEqual(['status cancelled']);
    expect((await listen(id, { lastEventId: second.told[0]!.id })).status).toBe(204);
    const fresh = await listen(id);
    await eventually('the end of the stream', async () => fresh.closed, 5000);
    expect(brief(fresh)).toEqual(['status cancelled']);
  });

  it('begins anew for an id that it never gave', async () => {
    const { id } = await place();
    const heard = await listen(id, { lastEventId: 999_999 });
    await heardAll(heard, 1);
    expect(brief(heard)).toEqual(['status pending']);
  });

  it('says that it lives while nothing happens', async () => {
    const heard = await listen((await place()).id);
    await eventually('two signs of life', async () => heard.beats >= 2, 5000);
    expect(brief(heard)).toEqual(['status pending']);
  });

  it('hears what another process wrote', async () => {
    const { id } = await place();
    const heard = await listen(id);
    await heardAll(heard, 1);
    const seq = heard.told[0]!.id + 1;
    const update = { event: 'order.confirmed', actor: 'system', status: 'confirmed', at: '2026-01-01T10:00:00.000Z' };
    await t
      .get(UpdateRepository)
      .insert({ ...update, orderId: id, customerId: customer.id, seq, kind: 'status' } as OrderUpdate);
    await heardAll(heard, 2);
    expect(brief(heard)).toEqual(['status pending', 'status confirmed']);
  });

  it('is for its owner alone', async () => {
    const { id } = await place();
    for (const as of [t.actor('customer'), t.actor('admin'), t.actor('store_staff', { stores: [town.storeId] })]) {
      expect((await listen(id, { as })).status).toBe(404);
    }
  });

  it('is refused to somebody who has too many, until one of them is closed', async () => {
    const { id } = await place();
    const [first] = [await listen(id), await listen(id)];
    const third = await listen(id);
    expect(third.status).toBe(429);
    expect(third.headers['retry-after']).toBe('5');
    first.stop();
    await eventually('room for another', async () => (await listen(id)).status === 200, 5000);
  });

  it('ends when the process stops, which takes no new one', async () => {
    const { id } = await place();
    const heard = await listen(id);
    await heardAll(heard, 1);
    t.get(UpdateService).onModuleDestroy();
    await eventually('the end of the stream', async () => heard.closed, 5000);
    expect((await listen(id)).status).toBe(503);
  });
});
