import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Database } from '@nakku/database';
import { notFound } from '@nakku/rpc';
import { authorised, declined, type Rule } from './payment.js';
import { type Answer, type News, PaymentProvider } from './payment.provider.js';
import { PaymentRepository } from './payment.repository.js';
import { PaymentWorker } from './payment.worker.js';
import { TransitionService } from './transition.service.js';

/** What providers tell by themselves. */
@Injectable()
export class WebhookService {
  constructor(
    private readonly database: Database,
    private readonly provider: PaymentProvider,
    private readonly payments: PaymentRepository,
    private readonly transitions: TransitionService,
    private readonly worker: PaymentWorker,
  ) {}

  /** Takes a webhook in: each event once, whatever was lost is expected again. */
  async receive(provider: string, headers: IncomingHttpHeaders, body: Buffer): Promise<{ received: true }> {
    if (provider !== this.provider.name) throw notFound('payment provider');
    const news = this.provider.readWebhook(headers, body);
    await this.database.transaction(() => this.apply(news));
    return { received: true };
  }

  private async apply({ eventId, paymentId, answer }: News): Promise<void> {
    if (!(await this.payments.rememberWebhook(this.provider.name, eventId))) return;
    const payment = await this.transitions.change({ id: paymentId }, ruleOf(answer));
    if (!payment) throw notFound('payment');
    this.worker.wake(payment);
  }
}

function ruleOf(answer: Answer): Rule {
  if (answer.result === 'pending') return () => undefined;
  return answer.result === 'authorised' ? authorised : declined(answer.reason);
}
