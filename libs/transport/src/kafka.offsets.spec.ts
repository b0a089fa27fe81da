import { Offsets } from './kafka.offsets.js';

describe('what may be committed', () => {
  let offsets: Offsets;
  const begin = (...list: number[]) => list.map((offset) => offsets.begin('t', 0, offset));
  const end = (...list: number[]) => list.forEach((offset) => offsets.end('t', 0, offset));
  const mark = () => offsets.uncommitted()[0]?.offset;

  beforeEach(() => {
    offsets = new Offsets();
    offsets.rebalanced({ t: [0, 1] });
  });

  it('is the lowest offset below which everything is handled, though lanes end in any order', () => {
    begin(10, 11, 12);
    expect(mark()).toBeUndefined();
    end(11, 12);
    expect(mark()).toBeUndefined();
    end(10);
    expect(mark()).toBe('13');
  });

  it('grows while there is always something that runs', () => {
    for (const offset of [10, 11, 12, 13]) {
      begin(offset);
      if (offset > 10) end(offset - 1);
      expect(mark()).toBe(offset > 10 ? String(offset) : undefined);
      offsets.committed(offsets.uncommitted());
    }
  });

  it('is told once', () => {
    begin(10);
    end(10);
    offsets.committed(offsets.uncommitted());
    expect(offsets.uncommitted()).toEqual([]);
    begin(11);
    end(11);
    expect(mark()).toBe('12');
  });

  it('passes messages that nobody here handles, and gaps', () => {
    offsets.read('t', 0, 10, 20);
    expect(mark()).toBe('20');
    begin(25);
    expect(mark()).toBe('25');
  });

  it('never passes what was handed over before a rebalance and still runs, which is not handed over again', () => {
    begin(10, 11, 12);
    end(10, 12);
    offsets.rebalanced({ t: [0] });
    expect(mark()).toBeUndefined();
    expect(begin(10, 11, 12)).toEqual([true, false, true]);
    end(10, 12);
    expect(mark()).toBe('11');
    end(11);
    expect(mark()).toBe('13');
  });

  it('does not go back behind where another member has got to meanwhile', () => {
    begin(10);
    offsets.rebalanced({ t: [1] });
    offsets.rebalanced({ t: [0, 1] });
    begin(300);
    end(300);
    expect(mark()).toBeUndefined();
    end(10);
    expect(mark()).toBe('301');
  });

  it('is nothing for a partition that went to another member', () => {
    begin(10);
    offsets.rebalanced({ t: [1] });
    end(10);
    expect(offsets.uncommitted()).toEqual([]);
  });

  it('begins anew when reading does, because the topic lost its end', () => {
    begin(500);
    end(500);
    offsets.committed(offsets.uncommitted());
    begin(3);
    end(3);
    expect(mark()).toBe('4');
  });
});
