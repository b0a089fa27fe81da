import { Body, Controller, Module, Post } from '@nestjs/common';
import { Access } from '@nakku/auth';
import { Database } from '@nakku/database';
import { DomainModule } from './domain.module.js';
import { domainHarness, type Harness } from '@nakku/testing';
import { z } from 'zod';
import { canonicalJson, conflict, dto, Idempotency, IdempotencyKey, Idempotent } from '@nakku/rpc';

class Pay extends dto(
  z.strictObject({ amount: z.int(), mode: z.enum(['ok', 'refuse', 'crash', 'slow']).default('ok') }),
) {}

let runs = 0;
let release: () => void = () => undefined;

@Controller('pays')
class PayController {
  constructor(
    private readonly database: Database,
    private readonly idempotency: Idempotency,
  ) {}

  @Post()
  @Access('user')
  @Idempotent()
  async pay(@Body() { amount, mode }: Pay) {
    runs++;
    if (mode === 'refuse') throw conflict('NOT_NOW', 'No.');
    if (mode === 'crash') throw new Error('bug');
    if (mode === 'slow') await new Promise<void>((resolve) => (release = resolve));
    return this.database.transaction(async () => {
      const answer = { paid: amount, run: runs };
      await this.idempotency.complete(201, answer);
      return answer;
    });
  }

  @Post('strict')
  @Access('user')
  @Idempotent({ required: true })
  strict() {
    return {};
  }
}

@Module({ imports: [DomainModule.for({ name: 'payment' })], controllers: [PayController] })
class PayModule {}

describe('a request with an Idempotency-Key', () => {
  let t: Harness;
  const somebody = { id: '0190a000-0000-7000-8000-000000000001', roles: ['customer' as const], stores: [] };

  beforeAll(async () => (t = await domainHarness(PayModule)));
  afterAll(() => t.close());
  beforeEach(() => (runs = 0));

  const pay = (key: string, body: unknown, as = somebody) =>
    t.http.post('/api/v1/pays', { as, body, headers: { 'idempotency-key': key } });

  it('happens once: the second one gets the stored answer, marked as replayed', async () => {
    const first = await pay('k1', { amount: 5 });
    const second = await pay('k1', { amount: 5 });
    expect(first).toMatchObject({ status: 201, body: { paid: 5, run: 1 } });
    expect(second).toMatchObject({ status: 201, body: { paid: 5, run: 1 } });
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(runs).toBe(1);
  });

  it('compares bodies as canonical JSON, not as text', async () => {
    await pay('k2', '{"amount":5,"mode":"ok"}');
    expect((await pay('k2', '{ "mode":"ok",  "amount":5 }')).headers['idempotency-replayed']).toBe('true');
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
  });

  it('is refused with another body, and is somebody else’s own affair', async () => {
    await pay('k3', { amount: 5 });
    expect(await pay('k3', { amount: 6 })).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    expect(await pay('k3', { amount: 6 }, { ...somebody, id: '0190a000-0000-7000-8000-000000000002' })).toMatchObject({
      status: 201,
    });
  });

  it('is 409 with Retry-After while the first one is still running', async () => {
    const first = pay('k4', { amount: 5, mode: 'slow' });
    while (runs === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const second = await pay('k4', { amount: 5, mode: 'slow' });
    expect(second).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_KEY_IN_PROGRESS' } });
    expect(Number(second.headers['retry-after'])).toBeGreaterThan(0);
    release();
    expect(await first).toMatchObject({ status: 201 });
  });

  it('runs once though ten come at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => pay('k5', { amount: 5 })));
    expect(runs).toBe(1);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
  });

  it('keeps a final refusal, and forgets a failure that may pass', async () => {
    await pay('k6', { amount: 5, mode: 'refuse' });
    const again = await pay('k6', { amount: 5, mode: 'refuse' });
    expect(again).toMatchObject({ status: 409, body: { code: 'NOT_NOW' } });
    expect(again.headers).toMatchObject({
      'idempotency-replayed': 'true',
      'content-type': expect.stringContaining('problem+json'),
    });
    expect(runs).toBe(1);
    await pay('k7', { amount: 5, mode: 'crash' });
    await pay('k7', { amount: 5, mode: 'crash' });
    expect(runs).toBe(3);
  });

  it('may be taken over once its 30 seconds are up, and then the late first run cannot commit', async () => {
    const first = pay('k8', { amount: 5, mode: 'slow' });
    while (runs === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const releaseFirst = release;
    await t.database.manager
      .createQueryBuilder()
      .update(IdempotencyKey)
      .set({ expiresAt: '2020-01-01T00:00:00.000Z' })
      .where('status = 0')
      .execute();
    const second = pay('k8', { amount: 5, mode: 'slow' });
    while (runs === 1) await new Promise((resolve) => setTimeout(resolve, 5));
    releaseFirst();
    expect(await first).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_KEY_IN_PROGRESS' } });
    release();
    expect(await second).toMatchObject({ status: 201 });
  });

  it('is refused when it is too long, not ASCII, or missing where it must be', async () => {
    expect(await pay('x'.repeat(256), { amount: 5 })).toMatchObject({
      status: 400,
      body: { code: 'IDEMPOTENCY_KEY_INVALID' },
    });
    expect(await t.http.post('/api/v1/pays/strict', { as: somebody, body: {} })).toMatchObject({
      status: 400,
      body: { code: 'IDEMPOTENCY_KEY_REQUIRED' },
    });
  });

  it('leaves nothing behind a day later', async () => {
    await t.database.manager
      .createQueryBuilder()
      .update(IdempotencyKey)
      .set({ expiresAt: '2020-01-01T00:00:00.000Z' })
      .where('1 = 1')
      .execute();
    await t.get(Idempotency).sweep();
    expect(await t.database.manager.count(IdempotencyKey)).toBe(0);
  });
});
