import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { Database } from '@nakku/database';
import { currentContext, withContext } from '@nakku/observability';
import { absent, again, authorised, backoffMs, cancelled, captured, declined, inMs, isDue } from './payment.js';
import { type Rule, unanswered, voided } from './payment.js';
import { PaymentSettings } from './payment.config.js';
import type { PaymentRow } from './payment.entity.js';
import { type Answer, answerWithin, PaymentProvider, ProviderTimeout } from './payment.provider.js';
import { PaymentRepository } from './payment.repository.js';
import { TransitionService } from './transition.service.js';

const BATCH = 200;
/** Time to write down an answer that came at the last moment, before others may take the payment over. */
const MARGIN_MS = 2000;

/**
 * Does at the provider what the payments' `nextAction` says, outside of transactions. Whoever performs an action has claimed it until
 * `nextTryAt`; if they die, the sweep does it again with the same key, and the provider gives the same answer.
 */
@Injectable()
export class PaymentWorker implements BeforeApplicationShutdown {
  private readonly logger = new Logger(PaymentWorker.name);
  private readonly running = new Set<Promise<void>>();
  private stopped = false;

  constructor(
    private readonly database: Database,
    private readonly payments: PaymentRepository,
    private readonly transitions: TransitionService,
    private readonly provider: PaymentProvider,
    private readonly settings: PaymentSettings,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    await this.idle();
  }

  /** Until when a claim made now holds. */
  claimEnd(): string {
    return inMs(this.settings.PAYMENT_PROVIDER_TIMEOUT_MS + MARGIN_MS);
  }

  /** After the commit of the running transaction, performs what is due; with `claimed`, what its insert has claimed for this process. */
  wake(payment: PaymentRow, { claimed = false } = {}): void {
    if (!claimed && !isDue(payment)) return;
    const context = currentContext();
    this.database.afterCommit(() => withContext(context, () => this.begin(payment, claimed)));
  }

  /** Takes up everything that is due; what fails stays for a later sweep. */
  async sweep(): Promise<void> {
    const due = await this.payments.due(BATCH);
    await Promise.all(due.map((payment) => this.perform(payment, false)));
  }

  /** Resolves when this process performs nothing any more. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  private begin(payment: PaymentRow, claimed: boolean): void {
    if (this.stopped) return; // the sweep of the next start finds it
    const run = this.perform(payment, claimed).finally(() => this.running.delete(run));
    this.running.add(run);
  }

  private async perform(payment: PaymentRow, claimed: boolean): Promise<void> {
    try {
      let mine = claimed ? payment : await this.claim(payment);
      while (mine) {
        const rule = await this.outcome(mine);
        const after = await this.settle(mine.id, rule);
        mine = after && isDue(after) ? await this.claim(after) : undefined;
      }
    } catch (err) {
      this.logger.error({ err, paymentId: payment.id }, 'a payment could not be brought further: it is tried again');
    }
  }

  private claim(payment: PaymentRow): Promise<PaymentRow | undefined> {
    return this.payments.update(payment, { nextTryAt: this.claimEnd(), tries: payment.tries + 1 });
  }

  private settle(id: string, rule: Rule): Promise<PaymentRow | undefined> {
    return this.database.transaction(async () => {
      const after = await this.transitions.change({ id }, rule);
      const tooLate = after?.status === 'captured' && after.cancelRequested;
      return tooLate ? this.transitions.change({ id }, cancelled('ORDER_CANCELLED')) : after;
    });
  }

  /** Performs the action; says which rule its outcome is. */
  private async outcome(payment: PaymentRow): Promise<Rule> {
    const action = payment.nextAction;
    if (!action) return () => undefined;
    try {
      return await answerWithin(this.settings.PAYMENT_PROVIDER_TIMEOUT_MS, (signal) => this.call(payment, signal));
    } catch (err) {
      this.logger.warn({ err, paymentId: payment.id, action, tries: payment.tries }, 'the provider did not do it');
      const later = inMs(backoffMs(payment.tries));
      return err instanceof ProviderTimeout && action === 'authorise' ? unanswered(later) : again(action, later);
    }
  }

  private async call(payment: PaymentRow, signal: AbortSignal): Promise<Rule> {
    const { id: paymentId, nextAction, amount, holdAmount, currency, method, token, tries } = payment;
    switch (nextAction) {
      case 'authorise':
        return ruleOf(
          await this.provider.authorise({ paymentId, amount: holdAmount, currency, method, token }, signal),
          unanswered(inMs(backoffMs(1))),
        );
      case 'ask': {
        const answer = await this.provider.status(paymentId, signal);
        return answer.result === 'absent' ? absent : ruleOf(answer, again('ask', inMs(backoffMs(tries))));
      }
      case 'capture':
        await this.provider.capture({ paymentId, amount }, signal);
        return captured;
      default:
        await this.provider.void(paymentId, signal);
        return voided;
    }
  }
}

function ruleOf(answer: Answer, pending: Rule): Rule {
  if (answer.result === 'pending') return pending;
  return answer.result === 'authorised' ? authorised : declined(answer.reason);
}
