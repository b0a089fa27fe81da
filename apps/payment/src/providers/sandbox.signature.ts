import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far a webhook's clock may be from ours, in seconds. */
const TOLERANCE_SECONDS = 300;

/** The value of `X-Nakku-Signature` for a body sent at `seconds` (unix time). */
export const sign = (secret: string, body: Buffer | string, seconds: number): string =>
  `t=${seconds},v1=${hmac(secret, body, String(seconds)).toString('hex')}`;

/** Whether the header signs exactly these bytes with the secret, within five minutes of `nowMs`. */
export function isSignedBy(secret: string, header: string | undefined, body: Buffer, nowMs = Date.now()): boolean {
  const [, seconds, signature] = /^t=(\d{1,12}),\s*v1=([0-9a-f]{64})$/i.exec(header ?? '') ?? [];
  if (!seconds || !signature) return false;
  if (Math.abs(nowMs / 1000 - Number(seconds)) > TOLERANCE_SECONDS) return false;
  return timingSafeEqual(Buffer.from(signature, 'hex'), hmac(secret, body, seconds));
}

const hmac = (secret: string, body: Buffer | string, seconds: string): Buffer =>
  createHmac('sha256', secret).update(`${seconds}.`).update(body).digest();
