import { type Asked, type FreeRider, match } from './dispatch.js';

const pickup = { lat: 12.93, lng: 77.62 };
const terms = { pickup, refusedAfter: '2026-06-01T10:00:00.000Z' };
const LATELY = '2026-06-01T10:00:05.000Z';
const BEFORE = '2026-06-01T09:59:00.000Z';
const at = (km: number) => ({ lat: pickup.lat + km / 111.2, lng: pickup.lng });
const rider = (id: string, given: Partial<FreeRider> = {}): FreeRider => ({
  id,
  idleSince: '2026-06-01T09:00:00.000Z',
  ...given,
});
const asked = (riderId: string, endedAt: string, status: Asked['status'] = 'lapsed'): Asked => ({
  orderId: 'a',
  riderId,
  status,
  endedAt,
});
const rideOf = (orderId: string, riderId: string) => ({ orderId, riderId });

it('asks the rider who is nearest to the store', () => {
  const riders = [rider('far', { position: at(2) }), rider('near', { position: at(0.5) })];
  expect(match(['a'], riders, [], terms).offers).toEqual([rideOf('a', 'near')]);
});

it('takes a rider without a position to be at the store', () => {
  expect(match(['a'], [rider('near', { position: at(0.5) }), rider('unseen')], [], terms).offers).toEqual([
    rideOf('a', 'unseen'),
  ]);
});

it('asks of riders at the same place who has been idle the longest', () => {
  const riders = [
    rider('fresh', { position: at(1) }),
    rider('idle', { position: at(1.003), idleSince: '2026-06-01T08:00:00.000Z' }),
  ];
  expect(match(['a'], riders, [], terms).offers).toEqual([rideOf('a', 'idle')]);
});

it('gives the nearest rider to the first order and the next one to the second', () => {
  const riders = [rider('far', { position: at(2) }), rider('near')];
  expect(match(['a', 'b', 'c'], riders, [], terms)).toEqual({
    offers: [rideOf('a', 'near'), rideOf('b', 'far')],
    refused: [],
  });
});

it('does not ask at once again who has let the order pass', () => {
  const riders = [rider('far', { position: at(2) }), rider('near')];
  expect(match(['a'], riders, [asked('near', LATELY)], terms).offers).toEqual([rideOf('a', 'far')]);
});

it('lets an order pause that all have let pass, and asks for the next one', () => {
  const plan = match(['a', 'b'], [rider('one')], [asked('one', LATELY)], terms);
  expect(plan).toEqual({ offers: [rideOf('b', 'one')], refused: ['a'] });
});

it('does not let an order pause whose only willing rider was given to another', () => {
  const plan = match(['b', 'a'], [rider('one')], [], terms);
  expect(plan).toEqual({ offers: [rideOf('b', 'one')], refused: [] });
});

it('begins anew after the pause, with those who were not asked and then with the longest ago', () => {
  const riders = [rider('first'), rider('second'), rider('new', { position: at(3) })];
  const history = [asked('first', BEFORE), asked('second', '2026-06-01T09:30:00.000Z')];
  expect(match(['a'], riders, history, terms).offers).toEqual([rideOf('a', 'new')]);
  expect(match(['a'], riders.slice(0, 2), history, terms).offers).toEqual([rideOf('a', 'second')]);
});

it('never asks again who has given the order up', () => {
  expect(match(['a'], [rider('one')], [asked('one', BEFORE, 'failed')], terms)).toEqual({ offers: [], refused: ['a'] });
});
