import { newId } from '@nakku/database';
import { domainHarness, type Harness } from '@nakku/testing';
import { anOrder, cancelledOf, completedOf, requested, type OrderFixture } from './payment.fixtures.js';
import { PaymentModule } from './payment.module.js';
import { PaymentRepository } from './payment.repository.js';
import { PaymentWorker } from './payment.worker.js';
import { SandboxRepository } from './providers/sandbox.repository.js';
import { sign } from './providers/sandbox.signature.js';

const SECRET = 'a-webhook-secret-for-this-test-00000';
const seconds = () => Math.floor(Date.now() / 1000);

let t: Harness;
beforeEach(async () => {
  const env = { PAYMENT_PROVIDER_TIMEOUT_MS: '500', PAYMENT_WEBHOOK_SECRET: SECRET };
  t = await domainHarness(PaymentModule, { env });
});
afterEach(() => t.close());

const rowOf = async ({ orderId }: OrderFixture) => (await t.get(PaymentRepository).find({ orderId }))!;
const idle = () => t.get(PaymentWorker).idle();

async function unanswered(): Promise<{ order: OrderFixture; id: string }> {
  const order = anOrder({ paymentToken: 'tok_timeout' });
  await t.deliver(requested(order));
  await idle();
  return { order, id: (await rowOf(order)).id };
}

const event = (paymentId: string, status = 'succeeded', id = newId()) =>
  JSON.stringify({ id, type: `payment.${status}`, data: { paymentId, status } });

const post = (body: string, signature: string | undefined = sign(SECRET, body, seconds()), provider = 'sandbox') =>
  t.http.post(`/api/v1/payments/webhooks/${provider}`, { body, headers: { 'x-nakku-signature': signature } });

describe('a webhook', () => {
  it.each([
    ['succeeded', 'authorised', 'payment.completed'],
    ['failed', 'failed', 'payment.failed'],
  ])('that says %s settles a charge that was not answered', async (said, status, type) => {
    const { order, id } = await unanswered();
    expect((await rowOf(order)).status).toBe('unknown');
    expect(await post(event(id, said))).toMatchObject({ status: 200, body: { received: true } });
    expect(await rowOf(order)).toMatchObject({ status, token: null, nextAction: null });
    expect(await t.published(type)).toHaveLength(1);
  });

  it('that says succeeded lets the money be captured when the order is delivered', async () => {
    const { order, id } = await unanswered();
    await post(event(id));
    await t.deliver(completedOf(order));
    await idle();
    expect(await rowOf(order)).toMatchObject({ status: 'captured', capturedAmount: 50_000 });
  });

  it('has one effect however often it comes, also at the same time', async () => {
    const { order, id } = await unanswered();
    const body = event(id);
    const answers = await Promise.all([post(body), post(body), post(body)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await post(body);
    await post(event(id)); // told again under another id
    expect((await rowOf(order)).status).toBe('authorised');
    expect(await t.published('payment.completed')).toHaveLength(1);
  });

  it('of a success after the order was cancelled has the money let go of', async () => {
    const { order, id } = await unanswered();
    await t.deliver(cancelledOf(order));
    await idle();
    expect((await rowOf(order)).status).toBe('voided');
    await t.get(SandboxRepository).move(id, ['voided'], { status: 'authorised' }); // the provider has it after all
    await post(event(id));
    await idle();
    expect(await rowOf(order)).toMatchObject({ status: 'voided', nextAction: null });
    expect(await t.get(SandboxRepository).find(id)).toMatchObject({ status: 'voided' });
    expect(await t.published('payment.completed')).toHaveLength(0);
  });

  it('that says failed after a success is not believed', async () => {
    const { order, id } = await unanswered();
    await post(event(id));
    await post(event(id, 'failed'));
    expect((await rowOf(order)).status).toBe('authorised');
  });

  it('has no say in cash', async () => {
    const order = anOrder({ method: 'cod' });
    await t.deliver(requested(order));
    for (const said of ['succeeded', 'failed'])
      expect((await post(event((await rowOf(order)).id, said))).status).toBe(200);
    expect((await rowOf(order)).status).toBe('recorded');
  });

  it('about a payment that is none is 404, and is taken in should it come again later', async () => {
    const body = event(newId());
    expect(await post(body)).toMatchObject({ status: 404, body: { code: 'PAYMENT_NOT_FOUND' } });
    expect(await post(body)).toMatchObject({ status: 404 });
  });

  it('of a provider that is none is 404', async () => {
    const body = event(newId());
    expect(await post(body, sign(SECRET, body, seconds()), 'stripes')).toMatchObject({
      status: 404,
      body: { code: 'PAYMENT_PROVIDER_NOT_FOUND' },
    });
  });
});

describe('the signature of a webhook', () => {
  const good = event(newId());
  const now = seconds();
  it.each([
    ['is missing', ''],
    ['is something else', 'nonsense'],
    ['has no time', `v1=${'0'.repeat(64)}`],
    ['is made with another secret', sign('another-secret', good, now)],
    ['is that of another body', sign(SECRET, `${good} `, now)],
    ['is too old', sign(SECRET, good, now - 3600)],
    ['is of the future', sign(SECRET, good, now + 3600)],
    ['has another time than was signed', sign(SECRET, good, now).replace(String(now), String(now - 1))],
    ['is cut short', sign(SECRET, good, now).slice(0, -2)],
  ])('that %s is refused', async (_, signature) => {
    expect(await post(good, signature)).toMatchObject({ status: 401, body: { code: 'SIGNATURE_INVALID' } });
  });

  it('is looked at before the body is', async () => {
    expect((await post('{"id": 1}', 'nonsense')).status).toBe(401);
  });

  it.each([
    '{}',
    '[]',
    '{"id":"e","type":"t","data":{"paymentId":"x","status":"succeeded"}}',
    event(newId(), 'perhaps'),
  ])('of a body that is no event (%s) does not help it', async (body) => {
    expect(await post(body)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  });
});
