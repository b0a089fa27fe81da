import { Module, type OnModuleInit } from '@nestjs/common';
import { DomainModule, Periodic } from '@nakku/runtime';
import { LedgerController } from './ledger.controller.js';
import { LedgerRow } from './ledger.entity.js';
import { LedgerRepository } from './ledger.repository.js';
import { MethodController } from './method.controller.js';
import { MethodRow } from './method.entity.js';
import { MethodRepository } from './method.repository.js';
import { MethodService } from './method.service.js';
import { Payments1700000000010 } from './migrations/1700000000010-payments.js';
import { Sandbox1700000000011 } from './migrations/1700000000011-sandbox.js';
import { PaymentSettings } from './payment.config.js';
import { PaymentController } from './payment.controller.js';
import { CancelledOrder, PaymentRow } from './payment.entity.js';
import { PaymentEvents } from './payment.events.js';
import { PaymentProvider } from './payment.provider.js';
import { PaymentRepository } from './payment.repository.js';
import { PaymentService } from './payment.service.js';
import { PaymentWorker } from './payment.worker.js';
import { SandboxCharge, SandboxRefund } from './providers/sandbox.entity.js';
import { SandboxRepository } from './providers/sandbox.repository.js';
import { SandboxProvider } from './providers/sandbox.provider.js';
import { SandboxWebhooks } from './providers/sandbox.webhooks.js';
import { RefundRow } from './refund.entity.js';
import { RefundRepository } from './refund.repository.js';
import { RefundService } from './refund.service.js';
import { RefundWorker } from './refund.worker.js';
import { TransitionService } from './transition.service.js';
import { WebhookController } from './webhook.controller.js';
import { WebhookRow } from './webhook.entity.js';
import { WebhookService } from './webhook.service.js';

const SWEEP_MS = 1000;

@Module({
  imports: [
    DomainModule.for({
      name: 'payment',
      entities: [PaymentRow, CancelledOrder, RefundRow, LedgerRow, MethodRow, WebhookRow, SandboxCharge, SandboxRefund],
      migrations: [Payments1700000000010, Sandbox1700000000011],
      settings: [PaymentSettings],
    }),
  ],
  // The fixed paths come before `payments/:id`.
  controllers: [MethodController, LedgerController, WebhookController, PaymentController, PaymentEvents],
  providers: [
    ...[PaymentRepository, RefundRepository, LedgerRepository, MethodRepository, SandboxRepository],
    ...[PaymentService, TransitionService, RefundService, MethodService, WebhookService],
    ...[PaymentWorker, RefundWorker, SandboxWebhooks],
    { provide: PaymentProvider, useClass: SandboxProvider },
  ],
})
export class PaymentModule implements OnModuleInit {
  constructor(
    private readonly periodic: Periodic,
    private readonly worker: PaymentWorker,
    private readonly refunds: RefundWorker,
  ) {}

  onModuleInit(): void {
    this.periodic.every(SWEEP_MS, 'payments that are due', () => this.worker.sweep());
    this.periodic.every(SWEEP_MS, 'refunds that are due', () => this.refunds.sweep());
  }
}
