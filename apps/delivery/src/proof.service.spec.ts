import { InventoryApi } from '@nakku/contracts';
import { domainHarness, fake, type Harness } from '@nakku/testing';
import { DeliveryModule } from './delivery.module.js';
import { DeliveryRepository } from './delivery.repository.js';
import { pass, stopClock, stores, underWay } from './town.fixture.js';

let t: Harness;
let given: Awaited<ReturnType<typeof underWay>>;
let wrongOtp: string;
beforeEach(async () => {
  stopClock();
  t = await domainHarness(DeliveryModule, { fakes: [fake(InventoryApi, stores)] });
  given = await underWay(t);
  wrongOtp = given.otp === '123456' ? '654321' : '123456';
});
afterEach(() => t.close());
const complete = (otp: string) =>
  t.http.post(`/api/v1/delivery/jobs/${given.job.id}/complete`, { as: given.rider.actor, body: { otp } });
const stage = async () => (await t.get(DeliveryRepository).byOrder(given.order.orderId))!.stage;

it('counts the wrong tries down and then locks the code for a minute, even for the right one', async () => {
  for (const attemptsLeft of [4, 3, 2, 1, 0])
    expect(await complete(wrongOtp)).toMatchObject({ status: 422, body: { code: 'OTP_WRONG', attemptsLeft } });
  pass(20_500);
  const answer = await complete(given.otp);
  expect(answer).toMatchObject({ status: 429, body: { code: 'OTP_LOCKED' }, headers: { 'retry-after': '40' } });
  expect(await stage()).toBe('picked_up');
  pass(39_500);
  expect((await complete(given.otp)).status).toBe(200);
});

it('has five tries again after the lock', async () => {
  for (let n = 0; n < 5; n++) await complete(wrongOtp);
  pass(60_000);
  expect(await complete(wrongOtp)).toMatchObject({ status: 422, body: { attemptsLeft: 4 } });
});

it('gives no more than five tries, however many are made at once', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => complete(wrongOtp)));
  expect(answers.filter(({ status }) => status === 422)).toHaveLength(5);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
  expect(
    answers
      .map(({ body }) => body.attemptsLeft)
      .filter((left) => left !== undefined)
      .sort(),
  ).toEqual([0, 1, 2, 3, 4]);
});

it('completes once, though the rider presses twice', async () => {
  const answers = await Promise.all([complete(given.otp), complete(given.otp)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(await t.published('delivery.completed')).toHaveLength(1);
});

it('refuses what cannot be a code without counting it', async () => {
  for (const otp of ['', 'x'.repeat(13)]) expect((await complete(otp)).status).toBe(400);
  expect(await complete(wrongOtp)).toMatchObject({ body: { attemptsLeft: 4 } });
});
