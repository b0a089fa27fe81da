import { Injectable } from '@nestjs/common';
import { Database, now } from '@nakku/database';
import type { Actor } from '@nakku/observability';
import { conflict, Problem, unprocessable } from '@nakku/rpc';
import { plus } from './delivery.js';
import { DeliveryRepository } from './delivery.repository.js';
import type { JobView } from './job.dto.js';
import { JobService } from './job.service.js';
import { OTP_LOCK_MS, OTP_TRIES, sameOtp } from './otp.js';

/** The hand-over at the door, proved by the customer's one-time password. */
@Injectable()
export class ProofService {
  constructor(
    private readonly database: Database,
    private readonly jobs: JobService,
    private readonly deliveries: DeliveryRepository,
  ) {}

  /** Ends the job; 422 OTP_WRONG with the attempts left, 429 OTP_LOCKED after five wrong ones. */
  async complete(actor: Actor, jobId: string, otp: string): Promise<JobView> {
    const outcome = await this.database.transaction(() => this.attempt(actor, jobId, otp));
    if (outcome instanceof Problem) throw outcome;
    return outcome;
  }

  /** A refusal is given, not thrown: the try that it counts has to be committed. */
  private async attempt(actor: Actor, jobId: string, otp: string): Promise<JobView | Problem> {
    const work = await this.jobs.own(actor, jobId);
    const { orderId, status } = work.job;
    if (status !== 'picked_up')
      throw conflict('JOB_NOT_PICKED_UP', 'Only an order that you have picked up can be completed.');
    const attempt = await this.deliveries.take(orderId, now());
    if (!attempt) return locked(work.delivery.otpLockedUntil);
    return sameOtp(otp, attempt.otp) ? this.jobs.complete(work) : this.wrong(orderId, OTP_TRIES - attempt.tries);
  }

  private async wrong(orderId: string, attemptsLeft: number): Promise<Problem> {
    if (attemptsLeft <= 0) await this.deliveries.lock(orderId, plus(now(), OTP_LOCK_MS));
    return unprocessable('OTP_WRONG', `That is not the code: ask the customer again. Attempts left: ${attemptsLeft}.`, {
      attemptsLeft,
    });
  }
}

function locked(until: string | null): Problem {
  const ms = until ? Date.parse(until) - Date.now() : OTP_LOCK_MS;
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  const headers = { 'retry-after': String(seconds) };
  return new Problem(429, 'OTP_LOCKED', `Too many wrong codes: try again in ${seconds} seconds.`, { headers });
}
