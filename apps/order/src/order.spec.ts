import { isFinal, LIVE, next, orderNumber, type OrderStatus, promise, SAGA, showsOtp, type Step } from './order.js';

const STATES: OrderStatus[] = [
  'pending',
  'confirmed',
  'packed',
  'out_for_delivery',
  'delivered',
  'cancelled',
  'failed',
];

/** Written out by hand, for each step what becomes of each state: `.` is nothing. */
const EXPECTED: Record<Step, string> = {
  //                    pending    confirmed  packed     out_for_delivery  delivered cancelled failed
  stockReserved: '      pending    .          .          .                 .         .         .',
  stockRejected: '      cancelled  .          .          .                 .         .         .',
  paymentSecured: '     confirmed  .          .          .                 .         .         .',
  paymentFailed: '      cancelled  .          .          .                 .         .         .',
  timedOut: '           cancelled  .          .          .                 .         .         .',
  cancelledByCustomer: 'cancelled  cancelled  .          .                 .         .         .',
  cancelledByStore: '   cancelled  cancelled  cancelled  .                 .         .         .',
  packed: '             .          packed     .          .                 .         .         .',
  riderSought: '        .          confirmed  packed     .                 .         .         .',
  riderAssigned: '      .          confirmed  packed     .                 .         .         .',
  riderGaveUp: '        .          confirmed  packed     .                 .         .         .',
  riderMissing: '       .          cancelled  cancelled  .                 .         .         .',
  riderMoved: '         .          confirmed  packed     out_for_delivery  .         .         .',
  pickedUp: '           .          .          out_for_delivery  .          .         .         .',
  delivered: '          .          .          delivered  delivered         .         .         .',
  lost: '               .          .          failed     failed            .         .         .',
};

describe('the saga', () => {
  it.each(Object.keys(SAGA) as Step[])('takes the step %s from the states that allow it and from no other', (step) => {
    const expected = EXPECTED[step].trim().split(/\s+/);
    const actual = STATES.map((status) => next({ status }, step) ?? '.');
    expect(actual).toEqual(expected);
  });

  it('asks for the money once', () => {
    expect(next({ status: 'pending', reservedAt: '2026-01-01T10:00:00.000Z' }, 'stockReserved')).toBeUndefined();
    expect(next({ status: 'pending', reservedAt: null }, 'stockReserved')).toBe('pending');
  });

  it('leads out of every state that is not final, and out of no other', () => {
    const leaves = (status: OrderStatus) =>
      (Object.keys(SAGA) as Step[]).some((step) => (next({ status }, step) ?? status) !== status);
    expect(STATES.filter(leaves)).toEqual(LIVE);
    expect(STATES.filter(isFinal)).toEqual(['delivered', 'cancelled', 'failed']);
  });
});

describe('the rider’s password', () => {
  it.each(STATES)('is told in %s only while a rider is on the way', (status) => {
    const live = ['confirmed', 'packed', 'out_for_delivery'].includes(status);
    expect(showsOtp({ status, riderId: 'r' })).toBe(live);
    expect(showsOtp({ status, riderId: null })).toBe(false);
  });
});

describe('an order number', () => {
  it('has the day and eight letters that cannot be misread', () => {
    expect(orderNumber('2026-03-09T10:00:00.000Z')).toMatch(/^NK-260309-[0-9A-HJKMNP-TV-Z]{8}$/);
  });

  it('does not come twice in many', () => {
    const numbers = Array.from({ length: 10_000 }, () => orderNumber('2026-03-09T10:00:00.000Z'));
    expect(new Set(numbers).size).toBe(10_000);
  });
});

it('promises the order some minutes after an instant', () => {
  expect(promise('2026-03-09T23:50:00.000Z', 20)).toBe('2026-03-10T00:10:00.000Z');
});
