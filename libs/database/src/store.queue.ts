import type { Connection } from './store.connection.js';

const GROUP_SIZE = 64;
/** How long a group takes members in: somebody in a row of slow bodies need not wait for the last. */
const GROUP_MS = 25;
const LAZY_MS = 50;
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * The one writer of an embedded store. Queued transactions run one after the other as savepoints of one outer transaction and are all
 * answered after its single commit (group commit, as in Gray & Reuter, Transaction Processing, ch. 9).
 */
export class WriteQueue {
  private readonly waiting: Turn[] = [];
  private readonly lazy: Turn[] = [];
  private draining?: Promise<void>;
  private lazyTimer?: NodeJS.Timeout;
  transactions = 0;
  commits = 0;
  rollbacks = 0;

  constructor(
    private readonly connection: Connection,
    private readonly commit: () => Promise<void>,
    private readonly groupMs = GROUP_MS,
  ) {}

  get length(): number {
    return this.waiting.length + this.lazy.length;
  }

  /** Resolves when it is the caller's turn to write; the caller must end it. The caller runs its own body, and so in its own async context. */
  enter(lazy: boolean): Promise<Turn> {
    const turn = new Turn();
    (lazy ? this.lazy : this.waiting).push(turn);
    if (lazy) this.lazyTimer ??= setTimeout(() => this.wake(), LAZY_MS);
    else this.wake();
    return turn.begun;
  }

  /** Resolves when nothing is queued any more. */
  async idle(): Promise<void> {
    while (this.length > 0 || this.draining) {
      this.wake();
      await this.draining;
    }
  }

  /** Begins a turn of the event loop later, with everybody who came in this one. */
  private wake(): void {
    this.draining ??= nextTurn().then(() => this.drain());
  }

  private async drain(): Promise<void> {
    while (this.length > 0) await this.runGroup();
    clearTimeout(this.lazyTimer);
    this.lazyTimer = undefined;
    this.draining = undefined;
  }

  private async runGroup(): Promise<void> {
    const group: Turn[] = [];
    try {
      this.connection.exec('BEGIN IMMEDIATE');
      await this.runTurns(group);
      await this.commit();
      this.commits++;
      for (const turn of group) turn.committed();
    } catch (error) {
      this.abandon();
      // Without a member it could not even begin, and whoever waits would fare no better.
      if (group.length === 0) group.push(...this.waiting.splice(0), ...this.lazy.splice(0));
      const reason = new Error(`the group of transactions was rolled back: ${(error as Error).message}`, {
        cause: error,
      });
      for (const turn of group) turn.failed(reason);
    }
  }

  private async runTurns(group: Turn[]): Promise<void> {
    const closesAt = performance.now() + this.groupMs;
    for (let turn = await this.next(); turn; turn = await this.next()) {
      group.push(turn);
      await this.runTurn(turn);
      if (group.length >= GROUP_SIZE || performance.now() >= closesAt) return;
    }
  }

  /** The next transaction of the group; when nobody waits, one turn of the event loop is left for a peer to come. */
  private async next(): Promise<Turn | undefined> {
    if (this.length === 0) await nextTurn();
    return this.waiting.shift() ?? this.lazy.shift();
  }

  /** Should a savepoint be gone, SQLite has rolled back everything: then nobody in the group may be told of success. */
  private async runTurn(turn: Turn): Promise<void> {
    this.transactions++;
    this.connection.exec('SAVEPOINT body');
    const keep = await turn.begin();
    if (!keep) this.connection.exec('ROLLBACK TO body');
    this.connection.exec('RELEASE body');
    if (!keep) this.rollbacks++;
  }

  private abandon(): void {
    try {
      this.connection.exec('ROLLBACK');
    } catch {
      // what failed has rolled back by itself
    }
  }
}

/** The place of one transaction in a group. */
export class Turn {
  readonly begun: Promise<Turn>;
  private resolveBegun!: (turn: Turn) => void;
  private rejectBegun!: (reason: Error) => void;
  private ended!: (keep: boolean) => void;
  private settled?: { resolve: () => void; reject: (reason: Error) => void };

  constructor() {
    this.begun = new Promise((resolve, reject) => {
      this.resolveBegun = resolve;
      this.rejectBegun = reject;
    });
  }

  /** Lets the transaction run; resolves when it has ended, to whether its effect is to stay. */
  begin(): Promise<boolean> {
    return new Promise((resolve) => {
      this.ended = resolve;
      this.resolveBegun(this);
    });
  }

  /** Ends the transaction; resolves when its group is on disk, rejects when its group is lost. */
  end(keep: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.settled = { resolve, reject };
      this.ended(keep);
    });
  }

  committed(): void {
    this.settled?.resolve();
  }

  failed(reason: Error): void {
    this.rejectBegun(reason);
    this.settled?.reject(reason);
  }
}
