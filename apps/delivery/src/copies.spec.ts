import { InventoryApi, userDeleted } from '@nakku/contracts';
import { newId } from '@nakku/database';
import { Problem } from '@nakku/rpc';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { type Stage } from './delivery.js';
import { Delivery } from './delivery.entity.js';
import { DeliveryModule } from './delivery.module.js';
import { DeliveryRepository } from './delivery.repository.js';
import { DispatchService } from './dispatch.service.js';
import { GiveUpService } from './giveup.service.js';
import { Job } from './job.entity.js';
import { JobService } from './job.service.js';
import { OfferService } from './offer.service.js';
import { PositionService } from './position.service.js';
import { ProofService } from './proof.service.js';
import { Rider } from './rider.entity.js';
import { RiderRepository } from './rider.repository.js';
import { RiderSeed } from './rider.seed.js';
import { RiderService } from './rider.service.js';
import { cancelled, offer, packed, pass, place, ride, stopClock, store, stores, underWay } from './town.fixture.js';
import { WhereaboutsService } from './whereabouts.service.js';

/** Where there is a Redis, the copies share it. */
const redis = (): Record<string, string> =>
  process.env.REDIS_URL ? { REDIS_URL: process.env.REDIS_URL, REDIS_PREFIX: `${newId()}:` } : {};

let copies: Harness[];
let t: Harness;
beforeEach(async () => {
  stopClock();
  const options = { fakes: [fake(InventoryApi, stores)], env: redis() };
  t = await domainHarness(DeliveryModule, options);
  copies = [t, await domainHarness(DeliveryModule, { ...options, beside: t })];
});
afterEach(async () => {
  for (const copy of copies.toReversed()) await copy.close();
});

const either = (n: number): Harness => copies[n % copies.length]!;
const many = <T>(count: number, work: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => work(n)));
const all = <T extends object>(table: new () => T): Promise<T[]> => t.database.manager.find(table);

/** Whatever happens at once: riders, jobs and deliveries say the same of each other. */
async function expectOrder(): Promise<void> {
  const [riders, jobs, deliveries] = [await all(Rider), await all(Job), await all(Delivery)];
  const open = jobs.filter((job) => job.open);
  expect(open.map(({ id }) => id).sort()).toEqual(riders.flatMap(({ jobId }) => jobId ?? []).sort());
  expect(open.map(({ id }) => id).sort()).toEqual(
    deliveries.flatMap(({ stage, jobId }) => (IN_HAND.includes(stage) ? [jobId] : [])).sort(),
  );
  for (const { id, orderId, riderId, status } of open) {
    const { stage } = deliveries.find((one) => one.orderId === orderId && one.jobId === id)!;
    const rider = riders.find((one) => one.id === riderId && one.jobId === id)!;
    expect([status, stage, rider.status]).toEqual([status, ...AGREED[status]!]);
  }
}
const IN_HAND: Stage[] = ['offered', 'assigned', 'picked_up'];
const AGREED: Record<string, [Stage, string]> = {
  offered: ['offered', 'online'],
  accepted: ['assigned', 'busy'],
  picked_up: ['picked_up', 'busy'],
};

it('gives one rider one order and one order to one rider, and nobody has to begin anew', async () => {
  for (let n = 0; n < 8; n++) await ride(t, { km: n });
  for (let n = 0; n < 12; n++) await place(t);
  const before = copies.map(({ database }) => database.stats().rollbacks);
  await many(6, (n) => either(n).get(DispatchService).dispatch());
  expect(await all(Job)).toHaveLength(8);
  await expectOrder();
  expect(copies.map(({ database }) => database.stats().rollbacks)).toEqual(before);
});

it('makes the plans of two copies come out even, though they mix the same riders and orders', async () => {
  const riders = await many(6, () => ride(t, {}));
  const orders = await many(6, () => place(t));
  // Each begins with another order and another rider.
  const plan = (n: number) =>
    orders.map((_, i) => ({
      orderId: orders[(i + n) % orders.length]!.orderId,
      riderId: riders[(5 * i + 2 * n) % riders.length]!.id,
    }));
  const before = copies.map(({ database }) => database.stats().rollbacks);
  const made = await many(6, (n) =>
    either(n)
      .get(OfferService)
      .apply(store.id, store, { offers: plan(n), refused: [] }),
  );
  expect(made.reduce((sum, one) => sum + one, 0)).toBe((await all(Job)).length);
  expect(copies.map(({ database }) => database.stats().rollbacks)).toEqual(before);
  await expectOrder();
});

it('takes an offer back once, and gives an order up once, though both copies sweep', async () => {
  await many(5, () => ride(t));
  await many(8, () => place(t));
  await t.get(DispatchService).sweep();
  pass(30_000);
  await many(4, (n) => either(n).get(OfferService).lapse());
  expect((await all(Job)).map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'lapsed'));
  pass(1_800_000);
  await many(4, (n) => either(n).get(GiveUpService).giveUp());
  expect(await t.published('delivery.failed')).toHaveLength(8);
  await expectOrder();
});

it('accepts or cancels', async () => {
  for (let round = 0; round < 8; round++) {
    const { actor } = await ride(t);
    const order = await place(t);
    const job = (await offer(t, order))!;
    await Promise.allSettled([either(0).get(JobService).accept(actor, job.id), either(1).deliver(cancelled(order))]);
    expect(await t.get(DeliveryRepository).byOrder(order.orderId)).toMatchObject({ stage: 'cancelled' });
    await t.get(RiderService).change(actor, 'offline');
  }
  await expectOrder();
});

it('counts every try at a password, and takes the right one once', async () => {
  const { rider, job, otp } = await underWay(t);
  const wrong = otp === '123456' ? '654321' : '123456';
  const attempt = (code: string) => (n: number) =>
    either(n)
      .get(ProofService)
      .complete(rider.actor, job.id, code)
      .then(
        () => 'OK',
        ({ code: refusal }: Problem) => refusal,
      );
  const tries = await many(12, attempt(wrong));
  expect(tries.filter((answer) => answer === 'OTP_WRONG')).toHaveLength(5);
  expect(tries.filter((answer) => answer === 'OTP_LOCKED')).toHaveLength(7);
  pass(60_000);
  expect((await many(4, attempt(otp))).filter((answer) => answer === 'OK')).toHaveLength(1);
  expect(await t.published('delivery.completed')).toHaveLength(1);
  await expectOrder();
});

describe('where a rider is', () => {
  const here = { lat: 12.93, lng: 77.62 };
  const seenBy = async (copy: Harness, id: string) =>
    (await copy.http.get('/api/v1/delivery/riders', { as: copy.actor('admin') })).body.items.find(
      (one: { id: string }) => one.id === id,
    ).position;

  it('is known to the other copy, and told once in two seconds whichever copy he tells', async () => {
    const { rider } = await underWay(t);
    const move = (n: number) => either(n).get(PositionService).moved(rider.actor, here);
    await many(6, move);
    expect(await t.published('delivery.position')).toHaveLength(1);
    for (const copy of copies) expect(await seenBy(copy, rider.id)).toEqual(here);
    pass(2000);
    await many(6, move);
    expect(await t.published('delivery.position')).toHaveLength(2);
  });

  it('is told no more when the order is handed over by the time it would be', async () => {
    const { rider, order, job, otp } = await underWay(t);
    pass(5000);
    const done = new Date().toISOString();
    jest.spyOn(either(0).get(WhereaboutsService), 'note').mockImplementationOnce(async () => {
      await either(1).get(ProofService).complete(rider.actor, job.id, otp);
    });
    await either(0).get(PositionService).moved(rider.actor, here);
    expect(await t.published('delivery.position')).toEqual([]);
    expect(await t.get(DeliveryRepository).byOrder(order.orderId)).toMatchObject({ stage: 'completed', etaAt: done });
  });

  it('is written down every ten seconds while he waits for an order', async () => {
    const { id, actor } = await ride(t);
    const written = async () => (await t.get(RiderRepository).byId(id))!.lat;
    const move = (n: number, lat: number) =>
      either(n)
        .get(PositionService)
        .moved(actor, { ...here, lat });
    await move(0, 12.1);
    pass(9999);
    await move(1, 12.2);
    // The copy that he told knows; the other one does where both have one memory or one Redis, and else has to wait.
    const shared = t.store.embedded || process.env.REDIS_URL !== undefined;
    expect([await written(), (await seenBy(either(1), id)).lat]).toEqual([12.1, 12.2]);
    expect((await seenBy(either(0), id)).lat).toBe(shared ? 12.2 : 12.1);
    pass(1);
    await move(0, 12.3);
    expect(await written()).toBe(12.3);
    for (const copy of copies) expect((await seenBy(copy, id)).lat).toBe(12.3);
  });

  it('decides who is asked, though it is not written down yet', async () => {
    const [one, two] = [await ride(t, { km: 1 }), await ride(t, { km: 2 })];
    await t.get(PositionService).moved(one.actor, here);
    pass(1000);
    await t.get(PositionService).moved(one.actor, { lat: 13.2, lng: 77.62 });
    expect(await offer(t, await place(t))).toMatchObject({ riderId: two.id });
  });
});

it('ends a shift at the rider’s word though an order is offered to him at that moment', async () => {
  for (let round = 0; round < 6; round++) {
    const { id, actor } = await ride(t);
    await place(t);
    const [view] = await Promise.all([
      either(0).get(RiderService).change(actor, 'offline'),
      either(1).get(DispatchService).dispatch(),
    ]);
    expect(view.status).toBe('offline');
    expect(await t.get(RiderRepository).byId(id)).toMatchObject({ status: 'offline', jobId: null });
  }
  await expectOrder();
});

it('forgets a rider whose account is deleted while he is offered an order, at the latest when it is told again', async () => {
  for (let round = 0; round < 6; round++) {
    const { id, actor } = await ride(t);
    await place(t);
    const leave = () => either(0).deliver(userDeleted({ userId: actor.id }));
    const [left] = await Promise.allSettled([leave(), either(1).get(DispatchService).dispatch()]);
    if (left.status === 'rejected') await leave();
    expect(await t.get(RiderRepository).byId(id)).toMatchObject({
      name: 'Former rider',
      status: 'offline',
      jobId: null,
    });
  }
  await expectOrder();
});

it('keeps everything in order whatever riders, customers and sweeps do at once', async () => {
  const riders = await many(4, (n) => ride(t, { km: n }));
  const orders = await many(8, () => place(t));
  const any = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)]!;
  const jobOf = async () => any((await all(Job)).filter(({ open }) => open))?.id ?? any(orders).orderId;
  const deeds: ((copy: Harness) => Promise<unknown>)[] = [
    (copy) => copy.get(DispatchService).sweep(),
    (copy) => copy.get(DispatchService).dispatch(),
    async (copy) => copy.get(JobService).accept(any(riders).actor, await jobOf()),
    async (copy) => copy.get(JobService).accept(any(riders).actor, await jobOf()),
    async (copy) => copy.get(JobService).pickUp(any(riders).actor, await jobOf()),
    async (copy) => copy.get(JobService).reject(any(riders).actor, await jobOf()),
    async (copy) => copy.get(JobService).fail(any(riders).actor, await jobOf(), 'flat tyre'),
    async (copy) => copy.get(ProofService).complete(any(riders).actor, await jobOf(), '123456'),
    (copy) => copy.get(RiderService).change(any(riders).actor, any(['online', 'offline'] as const)),
    (copy) => copy.get(PositionService).moved(any(riders).actor, { lat: 12.93, lng: 77.62 }),
    (copy) => copy.deliver(packed(any(orders))),
    async (copy) => Math.random() < 0.1 && (await copy.deliver(cancelled(any(orders)))),
  ];
  const refused = (error: unknown) => {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
  };
  for (let round = 0; round < 15; round++) {
    await many(8, (n) => any(deeds)(either(n)).catch(refused));
    pass(3000);
    await expectOrder();
  }
});

it('hires the demo riders once when two copies start on an empty database', async () => {
  await Promise.all(copies.map((copy) => copy.get(RiderSeed).seed()));
  expect(await all(Rider)).toHaveLength(12);
});
