/** What a quiet service may be asked again, before anybody has earned a repetition. */
const RESERVE = 10;
const MOST = 100;

/** Repetitions are paid for by requests: one for every five, so that a service that fails under load gets at most a fifth more of it. */
export class RetryBudget {
  private balance = RESERVE;

  constructor(private readonly share = 0.2) {}

  /** A request came. */
  earn(): void {
    this.balance = Math.min(MOST, this.balance + this.share);
  }

  /** Takes one repetition; false when there is none left. */
  spend(): boolean {
    if (this.balance < 1) return false;
    this.balance -= 1;
    return true;
  }
}
