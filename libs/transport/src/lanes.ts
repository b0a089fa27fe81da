/** Runs pieces of work one after the other within a lane, and side by side across lanes. Both transports keep the order of a key by it. */
export class Lanes {
  /** The last piece of each lane: the next one waits for it. */
  private readonly tails = new Map<string, Promise<void>>();

  /** How many lanes have work. */
  get size(): number {
    return this.tails.size;
  }

  /**
   * Runs `work` after everything that came before it in its lane. When something before it has failed, it fails with the same error and
   * is not run: it would overtake what will come again.
   */
  run(lane: string, work: () => Promise<void>): Promise<void> {
    const before = this.tails.get(lane);
    const turn = before ? before.then(work) : work();
    this.tails.set(lane, turn);
    const leave = () => {
      if (this.tails.get(lane) === turn) this.tails.delete(lane);
    };
    turn.then(leave, leave);
    return turn;
  }
}

/** Lets at most `size` pieces of work run at once; the others wait for their turn, first come, first served. */
export class Slots {
  private readonly waiting: (() => void)[] = [];
  private free: number;

  constructor(size: number) {
    this.free = size;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    }
  }
}
