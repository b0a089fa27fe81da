import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { Listening, Periodic } from '@nakku/runtime';
import { inMs } from '../payment.js';
import { PaymentSettings } from '../payment.config.js';
import type { SandboxCharge } from './sandbox.entity.js';
import { SandboxRepository } from './sandbox.repository.js';
import { sign } from './sandbox.signature.js';

const SWEEP_MS = 250;
const BATCH = 50;
const TIMEOUT_MS = 3000;
const RETRY_MS = 1000;
/** How far the clocks of two hosts may differ, and then some. */
const MARGIN_MS = 2000;

/** Sends the sandbox's webhooks over HTTP, as a provider does, until they are taken. */
@Injectable()
export class SandboxWebhooks implements OnModuleInit {
  private readonly logger = new Logger(SandboxWebhooks.name);

  constructor(
    private readonly charges: SandboxRepository,
    private readonly settings: PaymentSettings,
    private readonly periodic: Periodic,
    private readonly modules: ModuleRef,
  ) {}

  onModuleInit(): void {
    if (this.settings.PAYMENT_SANDBOX_WEBHOOK_MS === 0) return;
    this.periodic.every(SWEEP_MS, 'sandbox webhooks', () => this.sendDue());
  }

  /** Settles the charges whose time has come, and tells of each. */
  async sendDue(): Promise<void> {
    for (const charge of await this.charges.untold(BATCH)) await this.settle(charge);
  }

  /** Of two processes that find it due, one tells; should that one die, the other does it later. */
  private async settle(charge: SandboxCharge): Promise<void> {
    const { paymentId } = charge;
    if (!(await this.charges.claim(charge, inMs(TIMEOUT_MS + MARGIN_MS)))) return;
    try {
      await this.post({ id: `evt_${paymentId}`, type: 'payment.succeeded', data: { paymentId, status: 'succeeded' } });
      await this.charges.move(paymentId, ['authorised'], { webhookAt: null });
    } catch (err) {
      this.logger.warn({ err, paymentId }, 'a sandbox webhook was not taken: it is sent again');
      await this.charges.move(paymentId, ['authorised'], { webhookAt: inMs(RETRY_MS) });
    }
  }

  private async post(event: object): Promise<void> {
    const body = JSON.stringify(event);
    const signature = sign(this.settings.PAYMENT_WEBHOOK_SECRET, body, Math.floor(Date.now() / 1000));
    const origin = this.modules.get(Listening, { strict: false }).origin();
    const response = await fetch(`${origin}/api/v1/payments/webhooks/sandbox`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-nakku-signature': signature },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`the webhook was answered with ${response.status}`);
  }
}
