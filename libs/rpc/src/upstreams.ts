import { setTimeout as sleep } from 'node:timers/promises';
import { isBrokenCircuitError } from 'cockatiel';
import type { Place, Watch } from './place.js';
import { RetryBudget } from './retry-budget.js';
import { type Answer, Cancel, type Message, Unanswered, Upstream } from './upstream.js';

/** How often a request may be sent again: `never`; `unsent`: while nothing of it has reached anybody; `always`: it does no harm. */
export type Repeat = 'never' | 'unsent' | 'always';

export interface Sending {
  repeat: Repeat;
  /** When to give up, in epoch milliseconds. */
  deadline: number;
  /** Set where whoever asks may go away meanwhile. */
  cancel?: Cancel;
  /** Called before what may have run is sent again. */
  onRepeat?: () => void;
}

/** A service that is being started anew may be back in a moment: 25, 50, 100, 200, 400 ms. */
const FIRST_WAIT_MS = 25;
const WAITS = 5;
/** A request that may have run is sent again this often. */
const REPETITIONS = 2;

/** All copies of one service. Each request goes to the one with the fewest under way; one that is sick, stops or refuses is left out. */
export class Upstreams {
  private readonly all = new Map<string, Upstream>();
  private list: readonly Upstream[] = [];
  private readonly budget = new RetryBudget();
  private finding?: Promise<void>;
  private found = false;
  private unwatch?: () => void;
  private turn = 0;
  private repeated = 0;

  constructor(
    readonly service: string,
    private readonly watch: Watch,
  ) {}

  /** The head of the answer; its body can be read then. Throws Unanswered when nobody answers. */
  async send(message: Message, { repeat, deadline, cancel = new Cancel(), onRepeat }: Sending): Promise<Answer> {
    this.budget.earn();
    const timer = setTimeout(() => cancel.now('late'), deadline - Date.now());
    const tried = new Set<Upstream>();
    try {
      for (let failures = 0; ; failures++) {
        try {
          const answer = await this.ask(message, deadline, cancel, tried);
          if (!refused(answer) || repeat !== 'always' || !this.again(new Unanswered('broken'), repeat, failures))
            return answer;
          await answer.body.dump().catch(() => undefined);
        } catch (error) {
          if (!this.again(error, repeat, failures)) throw error;
          if (error instanceof Unanswered && error.reason === 'broken') onRepeat?.();
        }
        this.repeated++;
        if (!this.untried(tried)) await pause(failures, cancel);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** How many copies are known, how many of them are well, and how often a request was sent again. */
  stats(): { copies: number; usable: number; repeated: number } {
    const { list, repeated } = this;
    return { copies: list.length, usable: list.filter(({ usable }) => usable).length, repeated };
  }

  /** Stops to look for the service, and lets what is under way finish. */
  async close(): Promise<void> {
    this.unwatch?.();
    await Promise.all(this.list.map((upstream) => upstream.close()));
  }

  /** Cuts off whatever is under way. */
  async destroy(): Promise<void> {
    this.unwatch?.();
    await Promise.all(this.list.map((upstream) => upstream.destroy()));
  }

  private async ask(message: Message, deadline: number, cancel: Cancel, tried: Set<Upstream>): Promise<Answer> {
    if (!this.found) await Promise.race([(this.finding ??= this.find()), end(cancel)]);
    if (cancel.reason) throw cancel.reason;
    const upstream = this.choose(tried);
    if (!upstream) throw new Unanswered('unsent');
    tried.add(upstream);
    try {
      return await upstream.send(message, deadline, cancel);
    } catch (error) {
      throw isBrokenCircuitError(error) ? new Unanswered('unsent', error) : error;
    }
  }

  private again(error: unknown, repeat: Repeat, failures: number): boolean {
    if (!(error instanceof Unanswered) || repeat === 'never') return false;
    const harmless = error.reason === 'unsent' ? failures < WAITS : repeat === 'always' && failures < REPETITIONS;
    if (error.reason === 'late' || error.reason === 'cancelled') return false;
    return harmless && this.list.some(({ usable }) => usable) && this.budget.spend();
  }

  /** The usable one with the fewest requests under way; one that rests, or was tried for this request, only when there is no other. */
  private choose(tried: ReadonlySet<Upstream>): Upstream | undefined {
    const { list } = this;
    this.turn = (this.turn + 1) % Math.max(1, list.length);
    let best: { upstream: Upstream; cost: number } | undefined;
    for (let i = 0; i < list.length; i++) {
      const upstream = list[(this.turn + i) % list.length]!;
      if (!upstream.usable) continue;
      const cost = (tried.has(upstream) ? 2e9 : 0) + (upstream.resting ? 1e9 : 0) + upstream.pending;
      if (!best || cost < best.cost) best = { upstream, cost };
    }
    return best?.upstream;
  }

  private untried(tried: ReadonlySet<Upstream>): boolean {
    return this.list.some((upstream) => upstream.usable && !tried.has(upstream));
  }

  private find(): Promise<void> {
    return new Promise((found) => {
      this.unwatch = this.watch((places) => {
        this.keep(places);
        this.found = true;
        found();
      });
    });
  }

  private keep(places: readonly Place[]): void {
    const wanted = new Map(places.map((place) => [place.origin, place]));
    for (const [origin, upstream] of this.all)
      if (!wanted.has(origin)) {
        this.all.delete(origin);
        void upstream.close();
      }
    for (const [origin, place] of wanted) if (!this.all.has(origin)) this.all.set(origin, new Upstream(place));
    this.list = [...this.all.values()];
  }
}

/** A server that stops and has not taken the request says so. */
const refused = ({ statusCode, headers }: Answer): boolean => statusCode === 503 && headers.connection === 'close';

const end = (cancel: Cancel): Promise<void> => new Promise((gone) => cancel.once('abort', gone));

const pause = (failures: number, cancel: Cancel): Promise<void> | undefined =>
  cancel.aborted ? undefined : sleep(FIRST_WAIT_MS * 2 ** failures * (0.75 + Math.random() / 2));
