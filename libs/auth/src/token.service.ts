import type { JsonWebKey } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { CoreSettings } from '@nakku/config';
import type { Actor, Role } from '@nakku/observability';
import { serviceKeys, type SigningKeys, signingKeys } from './keys.js';
import { unauthorized } from './unauthorized.js';

/** How long an access token lives, in seconds. */
export const ACCESS_TOKEN_SECONDS = 15 * 60;
const SERVICE_TOKEN_SECONDS = 60;

interface AccessClaims {
  sub: string;
  roles?: Role[];
  stores?: string[];
  sid?: string;
}

/** Signs and checks tokens: one pinned algorithm, issuer, audience and expiry. */
@Injectable()
export class TokenService {
  private readonly keys: SigningKeys;
  private readonly access: JwtService;
  private readonly services: JwtService;
  private readonly serviceTokens = new Map<string, { token: string; renewAt: number }>();

  /** Throws ConfigError when the keys are not usable. */
  constructor(settings: CoreSettings) {
    this.keys = signingKeys(settings);
    this.access = signer(this.keys, 'nakku-api', ACCESS_TOKEN_SECONDS);
    this.services = signer(serviceKeys(settings, this.keys), 'nakku-internal', SERVICE_TOKEN_SECONDS);
  }

  /** An access token of 15 minutes. */
  signAccess({ id, roles, stores, sessionId }: Actor): Promise<string> {
    return this.access.signAsync({ roles, stores, sid: sessionId }, { subject: id });
  }

  /** Whose token it is; 401 `TOKEN_EXPIRED` or `TOKEN_INVALID`. */
  async verifyAccess(token: string): Promise<Actor> {
    const { sub, roles = [], stores = [], sid } = await check<AccessClaims>(this.access, token);
    return { id: sub, roles, stores, ...(sid ? { sessionId: sid } : {}) };
  }

  /** A token with which the process of `name` calls its peers; made anew when it is half way to its end. */
  async signService(name: string): Promise<string> {
    const known = this.serviceTokens.get(name);
    if (known && known.renewAt > Date.now()) return known.token;
    const token = await this.services.signAsync({}, { subject: name });
    this.serviceTokens.set(name, { token, renewAt: Date.now() + (SERVICE_TOKEN_SECONDS / 2) * 1000 });
    return token;
  }

  /** The name of the service that calls; 401 for anything but a service's token. */
  async verifyService(token: string): Promise<string> {
    return (await check<{ sub: string }>(this.services, token)).sub;
  }

  /** The public keys, where tokens are asymmetric; none otherwise. */
  jwks(): { keys: JsonWebKey[] } {
    const { jwk, keyid, algorithm } = this.keys;
    return { keys: jwk ? [{ ...jwk, kid: keyid, alg: algorithm, use: 'sig' }] : [] };
  }
}

function signer({ algorithm, sign, verify, keyid }: SigningKeys, audience: string, seconds: number): JwtService {
  return new JwtService({
    ...(algorithm === 'HS256' ? { secret: sign } : { privateKey: sign, publicKey: verify }),
    signOptions: { algorithm, issuer: 'nakku', audience, expiresIn: seconds, ...(keyid ? { keyid } : {}) },
    verifyOptions: { algorithms: [algorithm], issuer: 'nakku', audience },
  });
}

async function check<T extends object>(jwt: JwtService, token: string): Promise<T> {
  try {
    return await jwt.verifyAsync<T>(token);
  } catch (error) {
    if (error instanceof Error && error.name === 'TokenExpiredError') {
      throw unauthorized('TOKEN_EXPIRED', 'The token has expired: refresh it.');
    }
    throw unauthorized('TOKEN_INVALID', 'The token is not one of ours.');
  }
}
