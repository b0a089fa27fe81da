import { Lanes, Slots } from './lanes.js';

/** A piece of work that ends when it is told to. */
function piece() {
  let resolve!: () => void;
  let reject!: (reason: Error) => void;
  const ended = new Promise<void>((yes, no) => ([resolve, reject] = [yes, no]));
  const work = jest.fn(() => ended);
  return { work, resolve, reject };
}
const turn = () => new Promise(setImmediate);

describe('lanes', () => {
  it('run what is in one lane one after the other, and lanes side by side', async () => {
    const lanes = new Lanes();
    const [a1, a2, b1] = [piece(), piece(), piece()];
    const runs = [lanes.run('a', a1.work), lanes.run('a', a2.work), lanes.run('b', b1.work)];
    await turn();
    expect([a1, a2, b1].map(({ work }) => work.mock.calls.length)).toEqual([1, 0, 1]);
    a1.resolve();
    await runs[0];
    await turn();
    expect(a2.work).toHaveBeenCalled();
    a2.resolve();
    b1.resolve();
    await Promise.all(runs);
    expect(lanes.size).toBe(0);
  });

  it('run nothing that would overtake what has failed, until the lane is empty', async () => {
    const lanes = new Lanes();
    const [first, second] = [piece(), piece()];
    const runs = [lanes.run('a', first.work), lanes.run('a', second.work)];
    first.reject(new Error('stopped'));
    for (const run of runs) await expect(run).rejects.toThrow('stopped');
    expect(second.work).not.toHaveBeenCalled();
    await expect(lanes.run('a', async () => undefined)).resolves.toBeUndefined();
  });
});

describe('slots', () => {
  it('let as many run as there are, and the others in their order, also after one has failed', async () => {
    const slots = new Slots(2);
    const pieces = [piece(), piece(), piece(), piece()];
    const runs = pieces.map(({ work }) => slots.run(work).catch((error: Error) => error.message));
    const started = () => pieces.map(({ work }) => work.mock.calls.length);
    await turn();
    expect(started()).toEqual([1, 1, 0, 0]);
    pieces[1]!.reject(new Error('no'));
    await turn();
    expect(started()).toEqual([1, 1, 1, 0]);
    for (const { resolve } of pieces) resolve();
    expect(await Promise.all(runs)).toEqual([undefined, 'no', undefined, undefined]);
    await expect(slots.run(async () => 'free')).resolves.toBe('free');
  });
});
