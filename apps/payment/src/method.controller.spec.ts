import type { Actor } from '@nakku/observability';
import { domainHarness, type Harness, type Loose } from '@nakku/testing';
import { MethodRow } from './method.entity.js';
import { PaymentModule } from './payment.module.js';

const URL = '/api/v1/payments/methods';
let t: Harness;
beforeAll(async () => {
  t = await domainHarness(PaymentModule);
});
afterAll(() => t.close());

const add = (as: Actor, body: object, headers?: Record<string, string>) => t.http.post(URL, { as, body, headers });
const list = async (as: Actor) => (await t.http.get(URL, { as })).body.items as Loose[];

describe('a payment method', () => {
  it('is kept, shown to its owner alone, and deleted', async () => {
    const me = t.actor('customer');
    const { status, body } = await add(me, { token: 'tok_ok', label: 'My Visa' });
    expect(status).toBe(201);
    expect(body).toEqual({ id: body.id, token: 'tok_ok', label: 'My Visa', createdAt: body.createdAt });
    await add(me, { token: 'tok_flaky' });
    expect((await list(me)).map(({ token }) => token)).toEqual(['tok_flaky', 'tok_ok']);
    const other = t.actor('customer');
    expect(await list(other)).toEqual([]);
    expect((await t.http.delete(`${URL}/${body.id}`, { as: other })).status).toBe(404);
    expect((await t.http.delete(`${URL}/${body.id}`, { as: me })).status).toBe(204);
    expect((await t.http.delete(`${URL}/${body.id}`, { as: me })).body.code).toBe('PAYMENT_METHOD_NOT_FOUND');
    expect(await list(me)).toHaveLength(1);
  });

  it.each([
    { token: '4111 1111 1111 1111' },
    { token: '4111111111111111' },
    { token: 'tok_4111-1111-1111-1111' },
    { token: 'tok_ok', label: 'Visa 4111111111111111' },
  ])('that has a card number in it (%j) is refused and never stored', async (body) => {
    const answer = await add(t.actor('customer'), body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'CARD_NUMBER_REFUSED' } });
    expect(JSON.stringify(answer.body)).not.toMatch(/4111/);
    const rows = await t.database.manager.find(MethodRow);
    expect(JSON.stringify(rows)).not.toMatch(/4111/);
  });

  it('that is kept already only gets the new label', async () => {
    const me = t.actor('customer');
    const first = await add(me, { token: 'tok_ok', label: 'old' });
    const again = await add(me, { token: 'tok_ok', label: 'new' });
    expect(again).toMatchObject({ status: 201, body: { id: first.body.id, label: 'new' } });
    await add(me, { token: 'tok_ok' });
    expect(await list(me)).toMatchObject([{ label: 'new' }]);
  });

  it('sent again with its Idempotency-Key gives the first answer', async () => {
    const me = t.actor('customer');
    const headers = { 'idempotency-key': 'method-1' };
    const first = await add(me, { token: 'tok_ok' }, headers);
    const again = await add(me, { token: 'tok_ok' }, headers);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotency-replayed']).toBe('true');
  });

  it('is one of at most twenty', async () => {
    const me = t.actor('customer');
    for (let i = 0; i < 20; i++) expect((await add(me, { token: `tok_${i}` })).status).toBe(201);
    expect(await add(me, { token: 'tok_20' })).toMatchObject({ status: 422, body: { code: 'TOO_MANY_METHODS' } });
    expect((await add(me, { token: 'tok_3', label: 'known' })).status).toBe(201);
    const [newest] = await list(me);
    await t.http.delete(`${URL}/${newest!.id}`, { as: me });
    expect((await add(me, { token: 'tok_20' })).status).toBe(201);
  });

  it('is one of at most twenty, also when thirty are added at once', async () => {
    const me = t.actor('customer');
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => add(me, { token: `tok_${i}` })));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(20).fill(201), ...Array(10).fill(422)]);
    expect(await t.database.manager.countBy(MethodRow, { customerId: me.id })).toBe(20);
  });

  it('that is added many times at once is kept once', async () => {
    const me = t.actor('customer');
    const answers = await Promise.all(Array.from({ length: 8 }, () => add(me, { token: 'tok_ok' })));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect(await list(me)).toHaveLength(1);
  });

  it.each([
    {},
    { token: '' },
    { token: 'x'.repeat(129) },
    { token: 't', label: 'x'.repeat(81) },
    { token: 't', cvv: '1' },
    { token: 1 },
  ])('of %j is malformed', async (body) => expect((await add(t.actor('customer'), body)).status).toBe(400));

  it('is for people who are signed in', async () => {
    expect((await t.http.get(URL)).status).toBe(401);
  });
});
