import {
  activeContext,
  childTraceparent,
  contextFromHeaders,
  currentContext,
  newContext,
  traceIdOf,
  withContext,
} from './context.js';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const WELL_FORMED = /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/;

describe('the context', () => {
  it('is a fresh one with a new trace outside any work', () => {
    const [one, two] = [currentContext(), currentContext()];

    expect(one.traceparent).toMatch(WELL_FORMED);
    expect(one.requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(one.requestId).not.toBe(two.requestId);
    expect(one.traceparent).not.toBe(two.traceparent);
    expect(activeContext()).toBeUndefined();
  });

  it('reaches everything that the work starts, also later', async () => {
    const context = newContext();
    const seen = await withContext(context, async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return currentContext();
    });

    expect(seen).toBe(context);
  });

  it('is not seen by other work that runs at the same time', async () => {
    const wait = () => new Promise((resolve) => setTimeout(resolve, 5));
    const run = async () => {
      const context = newContext();
      return withContext(context, async () => {
        await wait();
        return currentContext() === context;
      });
    };

    expect(await Promise.all([run(), run(), run()])).toEqual([true, true, true]);
  });

  it('keeps what it is made from', () => {
    const actor = { id: 'a', roles: ['admin'], stores: [] } as const;
    const from = { requestId: 'request-1', traceparent: TRACEPARENT, deadline: 5, actor, idempotencyKey: 'k' };

    expect(newContext(from)).toEqual(from);
  });

  it.each(['short', 'with space', 'a'.repeat(129), 'line\nbreak-id', 'ünïcode-id'])(
    'replaces the request id %j',
    (id) => {
      expect(newContext({ requestId: id }).requestId).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it.each(['A1._-abc', 'a'.repeat(128)])('keeps the request id %j', (id) => {
    expect(newContext({ requestId: id }).requestId).toBe(id);
  });

  it.each([
    'garbage',
    '',
    TRACEPARENT.toUpperCase(),
    TRACEPARENT.replace(/^00/, 'ff'),
    TRACEPARENT.replace('4bf92f3577b34da6a3ce929d0e0e4736', '0'.repeat(32)),
    TRACEPARENT.replace('00f067aa0ba902b7', '0'.repeat(16)),
    `${TRACEPARENT}-more`,
    `${TRACEPARENT}\n`,
  ])('starts a new trace instead of %j', (traceparent) => {
    const { traceparent: made } = newContext({ traceparent });

    expect(made).toMatch(WELL_FORMED);
    expect(made.slice(3, 35)).not.toBe(TRACEPARENT.slice(3, 35));
  });

  it('reads a later version of traceparent as version 00', () => {
    const later = `${TRACEPARENT.replace(/^00/, '01')}-more`;
    expect(newContext({ traceparent: later }).traceparent).toBe(TRACEPARENT);
  });

  it('comes from the headers of a request, and does not believe a header that was sent twice', () => {
    const headers = { 'x-request-id': 'request-1', traceparent: TRACEPARENT };
    expect(contextFromHeaders(headers)).toEqual({ requestId: 'request-1', traceparent: TRACEPARENT });

    const twice = contextFromHeaders({ 'x-request-id': ['request-1', 'request-2'] });
    expect(twice.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('keeps the trace and its flags for the next hop under a span of its own', () => {
    const unsampled = TRACEPARENT.replace(/01$/, '00');
    const child = childTraceparent(unsampled);

    expect(child).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-00$/);
    expect(child).not.toBe(unsampled);
    expect(childTraceparent('garbage')).toMatch(WELL_FORMED);
  });

  it('never draws the same ids twice', () => {
    const ids = Array.from({ length: 2000 }, () => traceIdOf(newContext()));
    expect(new Set(ids).size).toBe(2000);
  });

  it('tells the trace id', () => {
    expect(traceIdOf(newContext({ traceparent: TRACEPARENT }))).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
  });
});
