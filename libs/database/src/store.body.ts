import { AsyncLocalStorage } from 'node:async_hooks';

const bodies = new AsyncLocalStorage<Body>();

/** The code of one transaction, or of one nested in it. Whatever it starts can tell by it whose it is, and whether that is over. */
export class Body {
  private over = false;
  private nested?: Promise<unknown>;
  private readonly hooks: (() => void)[] = [];

  constructor(
    readonly owner: object,
    private readonly outer?: Body,
  ) {}

  /** The body whose statements the running code may issue. */
  static running(): Body | undefined {
    const body = bodies.getStore();
    return body?.open ? body : undefined;
  }

  /** Whether the running code was started by a body that did not wait for it. */
  static leftBehind(): boolean {
    return bodies.getStore()?.open === false;
  }

  /** Whether the running code was started by a body of which the whole or a part still runs. */
  static within(): boolean {
    let body = bodies.getStore();
    while (body?.over) body = body.outer;
    return body !== undefined;
  }

  /** How many bodies it is nested in. */
  get depth(): number {
    return this.outer ? this.outer.depth + 1 : 0;
  }

  /** The body of the whole transaction. */
  get root(): Body {
    return this.outer?.root ?? this;
  }

  get open(): boolean {
    return !this.over && (this.outer === undefined || this.outer.open);
  }

  /** Runs `work` as this body, which is over when it settles. Throws when a nested transaction still runs then: it would be cut in two. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      const value = await bodies.run(this, work);
      if (this.nested) throw new Error('a nested transaction still ran when the one around it ended: await it');
      return value;
    } finally {
      this.over = true;
    }
  }

  /** Ends it before its work has settled. */
  abandon(): void {
    this.over = true;
  }

  /** Runs a nested body once no other is, because savepoints that overlap undo each other. */
  async nest<T>(run: (inner: Body) => Promise<T>): Promise<T> {
    while (this.nested) await this.nested;
    if (!this.open) throw overError();
    const inner = new Body(this.owner, this);
    const running = run(inner);
    this.nested = running.then(
      () => (this.nested = undefined),
      () => (this.nested = undefined),
    );
    const value = await running;
    this.hooks.push(...inner.hooks);
    return value;
  }

  /** What a statement of this body has to wait for: were it to slip into a nested transaction, it could be rolled back with it. */
  get busy(): Promise<unknown> | undefined {
    return this.nested;
  }

  afterCommit(hook: () => void): void {
    this.hooks.push(hook);
  }

  /** Runs what waited for the commit, each by `guarded`. */
  committed(guarded: (hook: () => void) => void): void {
    for (const hook of this.hooks) guarded(hook);
  }
}

export const overError = (): Error =>
  new Error('the transaction is over: await everything that writes before its work returns');
