import { deliveryAssigned, orderCancelled, orderConfirmed, paymentRefunded, userDeleted } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { domainHarness, type Harness } from '@nakku/testing';
import { PushSubscription } from './notification.entity.js';
import { NotificationModule } from './notification.module.js';
import { NotificationService } from './notification.service.js';
import { money, textOf } from './notification.js';

describe('notifications', () => {
  let t: Harness;
  const address = {
    label: 'Home',
    line1: '1',
    city: 'Bengaluru',
    state: 'KA',
    postalCode: '560034',
    country: 'IN',
    lat: 12.9,
    lng: 77.6,
  };
  const order = (customerId: string) => ({
    orderId: newId(),
    number: 'NK-1',
    customerId,
    storeId: newId(),
    total: 12_345,
    currency: 'INR',
  });
  const confirmed = (customerId: string) =>
    orderConfirmed({
      ...order(customerId),
      items: [],
      paymentMethod: 'cod',
      paymentId: newId(),
      address,
      promisedAt: '2026-01-01T13:35:00.000Z',
    });

  beforeAll(async () => (t = await domainHarness(NotificationModule)));
  afterAll(() => t.close());

  const inbox = async (as: ReturnType<Harness['actor']>, query = '') =>
    (await t.http.get(`/api/v1/notifications${query}`, { as })).body;

  it('tell a customer once that the order is confirmed, however often the event comes', async () => {
    const asha = t.actor('customer');
    const event = await t.deliver(confirmed(asha.id));
    await t.deliver(event);
    const { items } = await inbox(asha);
    expect(items).toMatchObject([
      { type: 'order.confirmed', title: 'Order NK-1 confirmed', readAt: null, channel: 'in_app' },
    ]);
    expect(items[0].body).toContain('₹123.45');
    expect(items[0].body.toLowerCase()).toContain('7:05');
    expect(
      (await t.published('notification.sent')).filter(({ userId }: { userId: string }) => userId === asha.id),
    ).toHaveLength(1);
  });

  it('tell of each rider who takes the order over, and of each refund', async () => {
    const asha = t.actor('customer');
    const base = { orderId: newId(), customerId: asha.id, storeId: newId() };
    for (const riderName of ['Ravi', 'Meena']) {
      await t.deliver(
        deliveryAssigned({ ...base, jobId: newId(), riderId: newId(), riderName, etaAt: '2026-01-01T10:00:00.000Z' }),
      );
    }
    const payment = {
      paymentId: newId(),
      orderId: base.orderId,
      customerId: asha.id,
      amount: 500,
      currency: 'INR',
      method: 'card' as const,
      status: 'partially_refunded' as const,
    };
    await t.deliver(paymentRefunded({ ...payment, refundAmount: 100 }));
    await t.deliver(paymentRefunded({ ...payment, refundAmount: 100 }));
    const { items } = await inbox(asha);
    expect(items.map(({ type }: { type: string }) => type).sort()).toEqual([
      'delivery.assigned',
      'delivery.assigned',
      'payment.refunded',
      'payment.refunded',
    ]);
  });

  it('are somebody’s own: listed in pages, read once, not found by others', async () => {
    const asha = t.actor('customer');
    for (let i = 0; i < 5; i++) await t.deliver(confirmed(asha.id));
    const first = await inbox(asha, '?limit=3');
    const second = await inbox(asha, `?limit=3&cursor=${first.nextCursor}`);
    expect(new Set([...first.items, ...second.items].map(({ id }: { id: string }) => id)).size).toBe(5);
    expect(second.nextCursor).toBeNull();
    const path = `/api/v1/notifications/${first.items[0].id}/read`;
    const read = await t.http.post(path, { as: asha });
    expect(read.body.readAt).toEqual(expect.any(String));
    expect((await t.http.post(path, { as: asha })).body.readAt).toBe(read.body.readAt);
    expect(await t.http.post(path, { as: t.actor('customer') })).toMatchObject({
      status: 404,
      body: { code: 'NOTIFICATION_NOT_FOUND' },
    });
    expect((await t.http.get('/api/v1/notifications')).status).toBe(401);
  });

  it('send a mail once for each key, and show it to an admin', async () => {
    const mail = {
      key: 'reset:1',
      channel: 'email' as const,
      to: 'asha@nakku.test',
      type: 'password.reset',
      title: 'Reset',
      body: 'Your link',
      data: {},
    };
    await t.get(NotificationService).send(mail);
    await t.get(NotificationService).send(mail);
    const shown = await t.http.get('/api/v1/admin/outbound-messages', { as: t.actor('admin') });
    expect(shown.body.items).toMatchObject([{ channel: 'email', to: 'asha@nakku.test', body: 'Your link' }]);
    expect((await t.http.get('/api/v1/admin/outbound-messages', { as: t.actor('customer') })).status).toBe(403);
    await expect(t.get(NotificationService).send({ ...mail, key: 'x', to: undefined })).rejects.toMatchObject({
      code: 'RECIPIENT_MISSING',
    });
  });

  it('keep what channels a user wants', async () => {
    const asha = t.actor('customer');
    expect((await t.http.get('/api/v1/notifications/preferences', { as: asha })).body).toEqual({
      inApp: true,
      email: true,
      sms: true,
      push: true,
    });
    for (const sms of [false, true, false])
      await t.http.put('/api/v1/notifications/preferences', { as: asha, body: { email: true, sms, push: false } });
    expect((await t.http.get('/api/v1/notifications/preferences', { as: asha })).body).toEqual({
      inApp: true,
      email: true,
      sms: false,
      push: false,
    });
    expect(
      (
        await t.http.put('/api/v1/notifications/preferences', {
          as: asha,
          body: { email: 'yes', sms: true, push: true },
        })
      ).status,
    ).toBe(400);
  });

  describe('of web push', () => {
    let asha: ReturnType<Harness['actor']>;
    const subscribe = (endpoint: string, auth = 'a') =>
      t.http.post('/api/v1/notifications/push-subscriptions', {
        as: asha,
        body: { endpoint, keys: { p256dh: 'k', auth } },
      });
    const kept = () => t.database.manager.findBy(PushSubscription, { userId: asha.id });
    beforeEach(() => (asha = t.actor('customer')));

    it('go to twenty browsers at most, over https only', async () => {
      expect((await subscribe('http://push.example/1')).status).toBe(400);
      for (let i = 0; i < 20; i++) expect((await subscribe(`https://push.example/${i}`)).status).toBe(201);
      expect(await subscribe('https://push.example/21')).toMatchObject({
        status: 422,
        body: { code: 'TOO_MANY_SUBSCRIPTIONS' },
      });
    });

    it('go to twenty at most though many subscribe at once', async () => {
      const answers = await Promise.all(Array.from({ length: 25 }, (_, i) => subscribe(`https://push.example/${i}`)));
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
      expect(answers.filter(({ status }) => status === 422)).toHaveLength(5);
      expect(await kept()).toHaveLength(20);
    });

    it('know a browser that subscribes again, and take its new keys', async () => {
      const first = await subscribe('https://push.example/1');
      const again = await Promise.all(['b', 'c'].map((auth) => subscribe('https://push.example/1', auth)));
      expect(again.map(({ body }) => body)).toEqual([first.body, first.body]);
      expect(await kept()).toEqual([expect.objectContaining({ auth: expect.stringMatching(/^[bc]$/) })]);
    });

    it('leave the wishes of their user alone', async () => {
      const wanted = { email: false, sms: true, push: true };
      await t.http.put('/api/v1/notifications/preferences', { as: asha, body: wanted });
      await subscribe('https://push.example/1');
      expect((await t.http.get('/api/v1/notifications/preferences', { as: asha })).body).toMatchObject(wanted);
    });
  });

  it('are told once though two copies of the service are told the same at once', async () => {
    const { id } = t.actor('customer');
    const tell = { key: `offer:${newId()}`, userId: id, type: 'offer', title: 'Mangoes', body: 'Today.' };
    await Promise.all(
      Array.from({ length: 6 }, () => t.database.transaction(() => t.get(NotificationService).tell(tell))),
    );
    const told = await t.published('notification.sent');
    expect(told.filter(({ userId }: { userId: string }) => userId === id)).toHaveLength(1);
  });

  it('take a key of the full length, and no more facts than there is room for', async () => {
    const asha = t.actor('customer');
    const message = { userId: asha.id, channel: 'in_app' as const, type: 'offer', title: 'T', body: 'B' };
    await t.get(NotificationService).send({ ...message, key: 'k'.repeat(191), data: { mango: '🥭' } });
    expect((await inbox(asha)).items).toMatchObject([{ data: { mango: '🥭' } }]);
    const huge = t.get(NotificationService).send({ ...message, key: 'huge', data: { text: 'x'.repeat(8000) } });
    await expect(huge).rejects.toMatchObject({ status: 400, code: 'DATA_TOO_LARGE' });
  });

  it('forget a user who is deleted', async () => {
    const asha = t.actor('customer');
    await t.deliver(confirmed(asha.id));
    await t.deliver(userDeleted({ userId: asha.id }));
    expect((await inbox(asha)).items).toEqual([]);
  });

  it('say why an order was cancelled', async () => {
    const asha = t.actor('customer');
    await t.deliver(orderCancelled({ ...order(asha.id), reason: 'OUT_OF_STOCK', previousStatus: 'pending' }));
    expect((await inbox(asha)).items[0].body).toContain('sold out');
    expect(
      textOf('order.cancelled', { ...order(asha.id), reason: 'SOMETHING_NEW', previousStatus: 'pending' }).body,
    ).toBe('Nothing will be charged.');
    expect(money(123_456_700, 'INR')).toBe('₹12,34,567.00');
  });
});
