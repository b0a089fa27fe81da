import { type Errand, route } from './route.js';

const errand = (jobId: string, pickup: number, drop: number, pickedUp = false): Errand => ({
  jobId,
  orderId: `order of ${jobId}`,
  pickedUp,
  pickup: { lat: 12, lng: pickup },
  drop: { lat: 12, lng: drop },
});
const names = (...errands: Errand[]) =>
  route({ lat: 12, lng: 77 }, errands).map(({ type, jobId }) => `${type} ${jobId}`);

it('fetches every bag before it brings any, always the nearest next', () => {
  const stops = names(errand('a', 77.3, 77.9), errand('b', 77.1, 77.2), errand('c', 77.2, 77.35));
  expect(stops).toEqual(['pickup b', 'pickup c', 'pickup a', 'drop c', 'drop b', 'drop a']);
});

it('does not go back to the store for what is picked up', () => {
  expect(names(errand('a', 77.3, 77.9, true), errand('b', 77.1, 77.2))).toEqual(['pickup b', 'drop b', 'drop a']);
});

it('starts at the first stop when nobody knows where the rider is', () => {
  const stops = route(undefined, [errand('a', 77.3, 77.9), errand('b', 77.1, 77.2)]);
  expect(stops[0]).toEqual({ type: 'pickup', jobId: 'a', orderId: 'order of a', lat: 12, lng: 77.3 });
});

it('is empty for a rider without a job', () => {
  expect(route({ lat: 12, lng: 77 }, [])).toEqual([]);
});
