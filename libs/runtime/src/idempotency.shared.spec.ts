import { createHash } from 'node:crypto';
import { Body, Controller, Module, Post } from '@nestjs/common';
import { Access } from '@nakku/auth';
import { RedisConnection } from '@nakku/cache';
import { Database, newId } from '@nakku/database';
import { conflict, dto, Idempotency, Idempotent } from '@nakku/rpc';
import { describeWith, domainHarness, dropPrefix, eventually, freshPrefix, type Harness } from '@nakku/testing';
import { z } from 'zod';
import { DomainModule } from './domain.module.js';

class Pay extends dto(
  z.strictObject({ amount: z.int(), mode: z.enum(['ok', 'refuse', 'undo', 'slow']).default('ok') }),
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
    if (mode === 'slow') await new Promise<void>((resolve) => (release = resolve));
    return this.database.transaction(async () => {
      const answer = { paid: amount, run: runs };
      await this.idempotency.complete(201, answer);
      if (mode === 'undo' && runs === 1) throw new Error('what was stored is rolled back');
      return answer;
    });
  }
}

@Module({ imports: [DomainModule.for({ name: 'payment' })], controllers: [PayController] })
class PayModule {}

describeWith(['redis'], 'A request with an Idempotency-Key, where Redis keeps the answers too', (servers) => {
  const prefix = freshPrefix();
  const env = { REDIS_PREFIX: `${prefix}:`, REDIS_TIMEOUT_MS: '2000' };
  const somebody = { id: newId(), roles: ['customer' as const], stores: [] };
  let t: Harness;
  /** Has a database of its own: what it knows of the first, it has from Redis. */
  let stranger: Harness;
  let key: string;

  beforeAll(async () => {
    t = await domainHarness(PayModule, { env: { ...env, ...servers.redis.env } });
    stranger = await domainHarness(PayModule, { env: { ...env, ...servers.redis.env } });
  });
  afterAll(async () => {
    await Promise.all([t.close(), stranger.close()]);
    await dropPrefix(prefix, servers.redis);
  });
  beforeEach(() => {
    runs = 0;
    key = newId();
  });

  const pay = (body: unknown, at = t) =>
    at.http.post('/api/v1/pays', { as: somebody, body, headers: { 'idempotency-key': key } });
  const redis = () => t.get(RedisConnection);
  const kept = async () => {
    const id = createHash('sha256').update(JSON.stringify([`${somebody.id} POST /api/v1/pays`, key]));
    const name = `answer:payment:${id.digest('hex')}`;
    return (await redis().client?.exists(name)) ? name : undefined;
  };
  const name = () => eventually('the answer is in Redis', kept);

  it('is answered from Redis when it comes again, to whichever process', async () => {
    const first = await pay({ amount: 5 });
    await name();
    const second = await pay({ amount: 5 }, stranger);

    expect(first).toMatchObject({ status: 201, body: { paid: 5, run: 1 } });
    expect(second).toMatchObject({ status: 201, body: { paid: 5, run: 1 } });
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(runs).toBe(1);
  });

  it('is refused by the database with another body', async () => {
    await pay({ amount: 5 });
    await name();

    expect(await pay({ amount: 6 })).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  });

  it('gets a final refusal from Redis too', async () => {
    await pay({ amount: 5, mode: 'refuse' });
    await name();

    expect(await pay({ amount: 5, mode: 'refuse' }, stranger)).toMatchObject({
      status: 409,
      body: { code: 'NOT_NOW' },
      headers: { 'idempotency-replayed': 'true', 'content-type': expect.stringContaining('problem+json') },
    });
    expect(runs).toBe(1);
  });

  it.each([
    ['has lost it', async (of: string) => redis().client?.del(of)],
    ['has something else there', async (of: string) => redis().client?.set(of, 'nonsense')],
    ['has an answer without a status', async (of: string) => change(of, { status: 0 })],
    ['has the answer to another body', async (of: string) => change(of, { bodyHash: 'x', body: '{"paid":999}' })],
    [
      'has an answer that has lapsed',
      async (of: string) => change(of, { expiresAt: '2020-01-01T00:00:00.000Z', body: '{}' }),
    ],
    ['has a body that is no JSON', async (of: string) => change(of, { body: '{' })],
  ])('is answered by the database when Redis %s', async (_case, spoil) => {
    await pay({ amount: 5 });
    await spoil(await name());

    expect(await pay({ amount: 5 })).toMatchObject({ status: 201, body: { paid: 5, run: 1 } });
    expect(runs).toBe(1);
  });

  const change = async (of: string, members: object) => {
    const answer = JSON.parse((await redis().client?.get(of)) ?? '') as object;
    await redis().client?.set(of, JSON.stringify({ ...answer, ...members }));
  };

  it('leaves nothing in Redis of what was rolled back, and runs again', async () => {
    expect((await pay({ amount: 5, mode: 'undo' })).status).toBe(500);
    expect(await pay({ amount: 5, mode: 'undo' })).toMatchObject({ status: 201, body: { run: 2 } });
    const text = await redis().client?.get(await name());

    expect(JSON.parse(text ?? '')).toMatchObject({ status: 201, body: '{"paid":5,"run":2}' });
  });

  it('leaves nothing in Redis while it runs', async () => {
    const first = pay({ amount: 5, mode: 'slow' });
    await eventually('it runs', async () => runs === 1);

    expect(await kept()).toBeUndefined();
    expect(await pay({ amount: 5, mode: 'slow' })).toMatchObject({ status: 409 });
    release();
    expect((await first).status).toBe(201);
  });

  it('is kept in Redis for a quarter of an hour', async () => {
    await pay({ amount: 5 });
    const ms = (await redis().client?.pttl(await name())) ?? 0;

    expect(ms).toBeGreaterThan(14 * 60_000);
    expect(ms).toBeLessThanOrEqual(15 * 60_000);
  });

  it('is answered by the database while Redis is gone', async () => {
    const alone = await domainHarness(PayModule, { env: { ...env, REDIS_URL: 'redis://127.0.0.1:1' } });
    await pay({ amount: 5 }, alone);

    expect(await pay({ amount: 5 }, alone)).toMatchObject({ status: 201, body: { paid: 5, run: 1 } });
    expect(runs).toBe(1);
    await alone.close();
  });
});
