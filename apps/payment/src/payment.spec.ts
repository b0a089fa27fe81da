import {
  absent,
  again,
  authorised,
  backoffMs,
  cancelled,
  captured,
  declined,
  delivered,
  giveBack,
  isDue,
  mayBecome,
  reduced,
  refundable,
  type Rule,
  type State,
  type Status,
  unanswered,
  voided,
} from './payment.js';

const STATUSES: Status[] = [
  'initiated',
  'unknown',
  'recorded',
  'authorised',
  'captured',
  'partially_refunded',
  'refunded',
  'voided',
  'failed',
];
const SOON = '2026-01-01T00:00:00.000Z';
const LATER = '2999-01-01T00:00:00.000Z';

function payment(status: Status, given: Partial<State> = {}): State {
  const capturedAmount = ['captured', 'partially_refunded', 'refunded'].includes(status) ? 500 : 0;
  const refundedAmount = { partially_refunded: 200, refunded: 500 }[status as string] ?? 0;
  const method = status === 'recorded' ? 'cod' : 'card';
  const idle = { cancelRequested: false, token: null, nextAction: null, nextTryAt: null, tries: 0 };
  return { method, status, amount: 500, capturedAmount, refundedAmount, ...idle, ...given };
}
const after = (state: State, rule: Rule): State => ({ ...state, ...rule(state)?.set });

const CHARGING = { nextAction: 'authorise', nextTryAt: LATER, token: 'tok_ok' } as const;
const OFF = { cancelRequested: true, nextAction: 'void', nextTryAt: LATER } as const;

describe('the status of a payment', () => {
  it('ends in refunded, voided and failed', () => {
    const ends = STATUSES.filter((from) => STATUSES.every((to) => !mayBecome(from, to)));
    expect(ends.sort()).toEqual(['failed', 'refunded', 'voided']);
  });

  it('is never moved by a rule to where the table does not allow', () => {
    const rules: Rule[] = [
      authorised,
      declined('X'),
      unanswered(SOON),
      absent,
      captured,
      voided,
      cancelled('X'),
      delivered,
      reduced(200, 'X'),
    ];
    const extras: Partial<State>[] = [
      {},
      CHARGING,
      OFF,
      { nextAction: 'capture' },
      { nextAction: 'ask' },
      { amount: 0 },
    ];
    for (const status of STATUSES)
      for (const extra of extras)
        for (const rule of rules) {
          const before = payment(status, extra);
          const next = after(before, (state) => {
            try {
              return rule(state);
            } catch {
              return undefined; // refused: nothing changes
            }
          });
          if (next.status !== status) expect([status, next.status, mayBecome(status, next.status)]).toContain(true);
          expect(next.refundedAmount).toBeLessThanOrEqual(next.capturedAmount);
        }
  });
});

describe('the answer to a charge', () => {
  it('that succeeded makes the money authorised and forgets the token', () => {
    for (const status of ['initiated', 'unknown'] as const) {
      const change = authorised(payment(status, CHARGING));
      expect(change).toEqual({
        set: { status: 'authorised', nextAction: null, nextTryAt: null, tries: 0, token: null },
        tell: 'completed',
      });
    }
  });

  it('that succeeded for an order that is off has the money let go of, and tells nobody of a success', () => {
    for (const state of [payment('initiated', OFF), payment('voided'), payment('failed')]) {
      const change = authorised(state);
      expect(change?.tell).toBeUndefined();
      expect(change?.set).toMatchObject({ nextAction: 'void' });
      expect(isDue(after(state, authorised))).toBe(true);
    }
  });

  it('that succeeded a second time changes nothing', () => {
    for (const status of ['authorised', 'captured', 'partially_refunded', 'refunded'] as const)
      expect(authorised(payment(status))).toBeUndefined();
    expect(authorised(payment('recorded'))).toBeUndefined();
    expect(authorised(payment('voided', { method: 'cod' }))).toBeUndefined();
  });

  it('that was a refusal fails the payment, but voids that of an order that is off', () => {
    expect(declined('DECLINED')(payment('unknown', CHARGING))).toMatchObject({
      set: { status: 'failed', token: null },
      tell: 'failed',
      reason: 'DECLINED',
    });
    expect(declined('DECLINED')(payment('initiated', OFF))).toMatchObject({
      set: { status: 'voided' },
      tell: 'refunded',
    });
    expect(declined('DECLINED')(payment('authorised'))).toBeUndefined();
  });

  it('that did not come makes it unknown, keeps the token, and asks later', () => {
    const next = after(payment('initiated', CHARGING), unanswered(SOON));
    expect(next).toMatchObject({ status: 'unknown', nextAction: 'ask', nextTryAt: SOON, token: 'tok_ok' });
    expect(unanswered(SOON)(payment('initiated', OFF))).toBeUndefined();
    expect(after(next, absent)).toMatchObject({ status: 'unknown', nextAction: 'authorise', token: 'tok_ok' });
    expect(absent(payment('unknown', OFF))).toBeUndefined();
  });

  it('that was an error is tried again later, unless something else is to be done by now', () => {
    expect(again('authorise', SOON)(payment('initiated', CHARGING))).toEqual({ set: { nextTryAt: SOON } });
    expect(again('authorise', SOON)(payment('initiated', OFF))).toBeUndefined();
  });

  it('is waited for longer each time, at most a minute', () => {
    expect([1, 2, 3, 4].map(backoffMs)).toEqual([250, 500, 1000, 2000]);
    expect(backoffMs(1000)).toBe(60_000);
  });
});

describe('an order that is off', () => {
  const off = cancelled('CUSTOMER');

  it('voids cash at once and what is authorised at the provider', () => {
    expect(off(payment('recorded'))).toMatchObject({ set: { status: 'voided' }, tell: 'refunded' });
    const change = off(payment('authorised'));
    expect(change).toMatchObject({ set: { nextAction: 'void', cancelRequested: true } });
    expect(change?.set.status).toBeUndefined();
  });

  it('lets a charge on its way arrive before it is voided', () => {
    expect(after(payment('initiated', CHARGING), off)).toMatchObject({
      nextAction: 'void',
      nextTryAt: LATER,
      token: null,
    });
    const asking = payment('unknown', { nextAction: 'ask', nextTryAt: LATER });
    expect(isDue(after(asking, off))).toBe(true);
  });

  it('gives back what was captured and not yet given back', () => {
    expect(off(payment('captured'))).toMatchObject({ set: { status: 'refunded', refundedAmount: 500 }, back: 500 });
    expect(off(payment('partially_refunded'))).toMatchObject({ back: 300, reason: 'CUSTOMER' });
  });

  it('lets a capture on its way finish', () => {
    expect(off(payment('authorised', { nextAction: 'capture' }))).toEqual({ set: { cancelRequested: true } });
  });

  it('changes nothing where no money is, or the second time', () => {
    for (const status of ['failed', 'voided', 'refunded'] as const) expect(off(payment(status))).toBeUndefined();
    expect(off(payment('authorised', OFF))).toBeUndefined();
  });

  it('is voided once the provider holds nothing', () => {
    expect(voided(payment('authorised', OFF))).toMatchObject({ set: { status: 'voided' }, tell: 'refunded' });
    expect(voided(payment('failed', OFF))?.set.status).toBeUndefined();
  });
});

describe('an order that was delivered', () => {
  it('captures cash at once and cards at the provider', () => {
    expect(delivered(payment('recorded'))).toMatchObject({
      set: { status: 'captured', capturedAmount: 500 },
      tell: 'completed',
      taken: 500,
    });
    expect(delivered(payment('authorised'))?.set).toMatchObject({ nextAction: 'capture' });
    expect(captured(payment('authorised'))).toMatchObject({ taken: 500 });
  });

  it('takes nothing where nothing is owed any more', () => {
    expect(delivered(payment('recorded', { amount: 0 }))).toMatchObject({ set: { status: 'voided' } });
    expect(delivered(payment('authorised', { amount: 0 }))?.set).toMatchObject({ nextAction: 'void' });
  });

  it('is not captured twice', () => {
    expect(delivered(payment('captured'))).toBeUndefined();
    expect(delivered(payment('authorised', { nextAction: 'capture' }))).toBeUndefined();
    expect(captured(payment('captured'))).toBeUndefined();
  });

  it('without secured money is an error for an operator to see', () => {
    for (const status of ['initiated', 'unknown', 'failed', 'voided'] as const)
      expect(() => delivered(payment(status))).toThrow(status);
    expect(() => delivered(payment('authorised', OFF))).toThrow();
  });
});

describe('an order that costs less now', () => {
  const less = reduced(200, 'ORDER_CHANGED');

  it('lowers what will be taken', () => {
    for (const status of ['initiated', 'unknown', 'recorded', 'authorised'] as const)
      expect(less(payment(status))).toEqual({ set: { amount: 300 } });
    expect(reduced(900, 'X')(payment('recorded'))).toEqual({ set: { amount: 0 } });
  });

  it('gives back what was taken, never more than is left', () => {
    expect(less(payment('captured'))).toMatchObject({
      set: { status: 'partially_refunded', refundedAmount: 200 },
      back: 200,
    });
    expect(reduced(900, 'X')(payment('partially_refunded'))).toMatchObject({ set: { status: 'refunded' }, back: 300 });
  });

  it('waits for a capture on its way, and changes nothing where nothing is owed', () => {
    expect(() => less(payment('authorised', { nextAction: 'capture' }))).toThrow();
    for (const status of ['failed', 'voided', 'refunded'] as const) expect(less(payment(status))).toBeUndefined();
    expect(less(payment('initiated', OFF))).toBeUndefined();
    expect(reduced(0, 'X')(payment('captured'))).toBeUndefined();
  });
});

describe('giving back', () => {
  it('is partial until all is back', () => {
    expect(giveBack(payment('captured'), 499).set.status).toBe('partially_refunded');
    expect(giveBack(payment('captured'), 500).set.status).toBe('refunded');
    expect(refundable(payment('partially_refunded'))).toBe(300);
  });

  it('refuses nothing, and more than there is', () => {
    expect(() => giveBack(payment('captured'), 0)).toThrow();
    expect(() => giveBack(payment('partially_refunded'), 301)).toThrow();
  });
});
