import { Injectable, Logger } from '@nestjs/common';
import { Database } from '@nakku/database';
import { backoffMs, inMs } from './payment.js';
import { PaymentSettings } from './payment.config.js';
import { answerWithin, PaymentProvider } from './payment.provider.js';
import type { RefundRow } from './refund.entity.js';
import { RefundRepository } from './refund.repository.js';
import { TransitionService } from './transition.service.js';

const BATCH = 100;
const MARGIN_MS = 2000;

/** Has the provider give money back, and tries until it has; the refund's id keeps it from doing so twice. */
@Injectable()
export class RefundWorker {
  private readonly logger = new Logger(RefundWorker.name);

  constructor(
    private readonly database: Database,
    private readonly refunds: RefundRepository,
    private readonly transitions: TransitionService,
    private readonly provider: PaymentProvider,
    private readonly settings: PaymentSettings,
  ) {}

  /** Takes up every refund that is due; what fails stays for a later sweep. */
  async sweep(): Promise<void> {
    const due = await this.refunds.due(BATCH);
    await Promise.all(due.map((refund) => this.perform(refund)));
  }

  private async perform(seen: RefundRow): Promise<void> {
    const timeoutMs = this.settings.PAYMENT_PROVIDER_TIMEOUT_MS;
    if (!(await this.refunds.claim(seen, inMs(timeoutMs + MARGIN_MS)))) return;
    const refund = { ...seen, tries: seen.tries + 1 };
    const { id: refundId, paymentId, amount, tries } = refund;
    try {
      await answerWithin(timeoutMs, (signal) => this.provider.refund({ paymentId, refundId, amount }, signal));
      await this.database.transaction(() => this.transitions.finishRefund(refund));
    } catch (err) {
      this.logger.warn({ err, paymentId, refundId, tries }, 'a refund did not work: it is tried again');
      await this.refunds.postpone(refund, inMs(backoffMs(tries)));
    }
  }
}
