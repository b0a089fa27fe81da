import { Socket } from 'node:net';
import { newContext, traceIdOf, withContext } from './context.js';
import { createLogger } from './logger.js';

function capture(LOG_LEVEL: 'info' | 'silent' = 'info', LOG_FORMAT: 'json' | 'pretty' = 'json') {
  const lines: string[] = [];
  const logger = createLogger({ LOG_LEVEL, LOG_FORMAT }, { write: (line) => void lines.push(line) });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

describe('the logger', () => {
  it('writes one JSON object a line with time, level and message', () => {
    const { logger, lines, last } = capture();
    logger.info({ orderId: 'o1' }, 'placed');

    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/\}\n$/);
    expect(last()).toMatchObject({ level: 'info', msg: 'placed', orderId: 'o1' });
    expect(last()['time']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('adds the request and trace id of the running work, and none outside', () => {
    const { logger, last } = capture();
    const context = newContext();

    withContext(context, () => logger.info('inside'));
    expect(last()).toMatchObject({ requestId: context.requestId, traceId: traceIdOf(context) });

    logger.info('outside');
    expect(last()).not.toHaveProperty('requestId');
  });

  it('shows no secret, however deep it is', () => {
    const { logger, lines } = capture();
    const headers = { Authorization: 'Bearer hush', Cookie: 'hush', 'x-cart-token': 'hush' };
    logger.info({
      password: 'hush',
      body: { newPassword: 'hush', list: [{ deliveryOtp: 'hush' }] },
      request: { headers },
    });
    logger.info({ refreshToken: 'hush', webhookSecret: 'hush', apiKey: 'hush', otp: 123456, email: 'a@b.test' });

    expect(lines.join()).not.toMatch(/hush|123456/);
    expect(lines.join()).toContain('a@b.test');
  });

  it('shows an error with its stack and without the secrets that a client put on it', () => {
    const { logger, lines, last } = capture();
    const error = Object.assign(new Error('refused'), {
      config: { headers: { authorization: 'hush' } },
      parameters: ['hush'],
    });
    logger.error({ err: error }, 'failed');
    logger.error({ error }, 'failed');

    expect(lines.join()).not.toContain('hush');
    expect(last()['error']).toMatchObject({ message: 'refused', stack: expect.stringContaining('logger.spec') });
  });

  it('looks into objects of a class, such as a row, and leaves dates and errors alone', () => {
    class Account {
      email = 'a@b.test';
      passwordHash = 'hush';
      createdAt = new Date(0);
    }
    const { logger, lines, last } = capture();
    logger.info({ account: new Account(), accounts: [new Account()] }, 'read');

    expect(lines.join()).not.toContain('hush');
    expect(last()['account']).toMatchObject({ email: 'a@b.test', createdAt: '1970-01-01T00:00:00.000Z' });
  });

  it('names a socket or a stream, and does not walk through it', () => {
    const { logger, last } = capture();
    logger.info({ request: { socket: new Socket() } }, 'odd');

    expect(last()).toMatchObject({ request: { socket: '(Socket)' } });
  });

  it('does not change what it was given', () => {
    const { logger } = capture();
    const given = { password: 'hush', when: new Date(0) };
    logger.info(given);

    expect(given).toEqual({ password: 'hush', when: new Date(0) });
  });

  it('survives an object that contains itself', () => {
    const { logger, last } = capture();
    const loop: Record<string, unknown> = { name: 'loop' };
    loop['self'] = loop;
    logger.info({ loop }, 'round');

    expect(last()).toMatchObject({ msg: 'round' });
  });

  it('writes nothing when silent', () => {
    const { logger, lines } = capture('silent');
    logger.fatal('nobody hears');

    expect(lines).toEqual([]);
  });

  it('writes a plain line for a terminal', () => {
    const { logger, lines } = capture('info', 'pretty');
    logger.warn({ context: 'Orders', orderId: 'o1', token: 'hush' }, 'late');

    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}\[Orders\] late orderId=o1 token=\(not shown\)\n$/);
  });

  it('writes the stack of an error below the plain line', () => {
    const { logger, lines } = capture('info', 'pretty');
    logger.error({ err: new Error('refused') }, 'failed');

    expect(lines[0]).toMatch(/ERROR failed\nError: refused\n {4}at /);
  });
});
