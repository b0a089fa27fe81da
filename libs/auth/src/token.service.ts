import type { JsonWebKey } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { ConfigError, CoreSettings } from '@nakku/config';
import type { Actor, Role } from '@nakku/observability';
import { LRUCache } from 'lru-cache';
import { type AccessKeys, accessKeys, internalKey, type SigningKey, type VerifyKey } from './keys.js';
import { unauthorized } from './unauthorized.js';

/** How long an access token lives, in seconds. */
export const ACCESS_TOKEN_SECONDS = 15 * 60;
const SERVICE_TOKEN_SECONDS = 60;
const API = 'nakku-api';
const INTERNAL = 'nakku-internal';

interface Claims {
  sub: string;
  iat: number;
  exp: number;
  roles?: Role[];
  stores?: string[];
  sid?: string;
}

/** What a good access token says: who it is for, and when it was given out (epoch milliseconds). */
export interface Bearer {
  actor: Actor;
  issuedAt: number;
}

/** Signs and checks tokens: pinned algorithms, issuer, audience and expiry. */
@Injectable()
export class TokenService {
  private readonly keys: AccessKeys;
  private readonly access?: JwtService;
  private readonly verifiers: ReadonlyMap<string | undefined, JwtService>;
  private readonly services: JwtService;
  private readonly serviceTokens = new Map<string, { token: string; renewAt: number }>();
  // A signature that was good stays good: what is left to check of a known token is its end.
  private readonly known = new LRUCache<string, Claims>({ max: 5000 });
  private readonly knownServices = new LRUCache<string, Claims>({ max: 100 });

  /** Throws ConfigError when the keys are not usable. */
  constructor(settings: CoreSettings) {
    this.keys = accessKeys(settings);
    const { own, accepted } = this.keys;
    this.access = own && signer(own, API, ACCESS_TOKEN_SECONDS);
    this.verifiers = new Map(accepted.map((key) => [key.keyid, verifier(key, API)]));
    this.services = signer(internalKey(settings), INTERNAL, SERVICE_TOKEN_SECONDS);
  }

  /** Throws ConfigError where this process has only public keys: the user service must be able to sign. */
  requireSigning(): void {
    if (this.access) return;
    const sentence = 'JWT_PRIVATE_KEY_FILE must be set where the user service runs, but is not set';
    throw new ConfigError([{ name: 'JWT_PRIVATE_KEY_FILE', sentence }]);
  }

  /** An access token of 15 minutes; throws where this process has only public keys. */
  async signAccess({ id, roles, stores, sessionId }: Actor): Promise<string> {
    if (!this.access) throw new Error('this process has no key to sign access tokens with');
    return this.access.signAsync({ roles, stores, sid: sessionId }, { subject: id });
  }

  /** Whose token it is; 401 `TOKEN_EXPIRED` or `TOKEN_INVALID`. */
  async verifyAccess(token: string): Promise<Actor> {
    return (await this.readAccess(token)).actor;
  }

  /** Whose token it is and when they got it; 401 `TOKEN_EXPIRED` or `TOKEN_INVALID`. */
  async readAccess(token: string): Promise<Bearer> {
    const verify = () => this.verifiers.get(this.keyIdOf(token));
    const { sub, roles = [], stores = [], sid, iat } = await check(this.known, verify, token);
    return { actor: { id: sub, roles, stores, ...(sid ? { sessionId: sid } : {}) }, issuedAt: iat * 1000 };
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
    return (await check(this.knownServices, () => this.services, token)).sub;
  }

  /** The public keys, where tokens are asymmetric, today's first; none otherwise. */
  jwks(): { keys: JsonWebKey[] } {
    return {
      keys: this.keys.accepted.flatMap(({ jwk, keyid, algorithm }) =>
        jwk ? [{ ...jwk, kid: keyid, alg: algorithm, use: 'sig' }] : [],
      ),
    };
  }

  /** Which key a token claims to be signed with. A shared secret has no id, whatever the token says. */
  private keyIdOf(token: string): string | undefined {
    if (this.verifiers.has(undefined)) return undefined;
    try {
      const { kid } = JSON.parse(Buffer.from(token.split('.', 1)[0]!, 'base64url').toString()) as { kid?: unknown };
      return String(kid);
    } catch {
      return 'none';
    }
  }
}

function signer(key: SigningKey, audience: string, seconds: number): JwtService {
  const { algorithm, sign, verify, keyid } = key;
  return new JwtService({
    ...(algorithm === 'HS256' ? { secret: sign } : { privateKey: sign, publicKey: verify }),
    signOptions: { algorithm, issuer: 'nakku', audience, expiresIn: seconds, ...(keyid ? { keyid } : {}) },
    verifyOptions: verifyOptions(key, audience),
  });
}

function verifier(key: VerifyKey, audience: string): JwtService {
  const { algorithm, verify } = key;
  return new JwtService({
    ...(algorithm === 'HS256' ? { secret: verify } : { publicKey: verify }),
    verifyOptions: verifyOptions(key, audience),
  });
}

const verifyOptions = ({ algorithm }: VerifyKey, audience: string) => ({
  algorithms: [algorithm],
  issuer: 'nakku',
  audience,
});

async function check(
  known: LRUCache<string, Claims>,
  jwt: () => JwtService | undefined,
  token: string,
): Promise<Claims> {
  let claims = known.get(token);
  if (!claims) {
    claims = await verified(jwt(), token);
    known.set(token, claims);
  }
  if (claims.exp * 1000 <= Date.now()) throw expired();
  return claims;
}

async function verified(jwt: JwtService | undefined, token: string): Promise<Claims> {
  try {
    if (jwt) return await jwt.verifyAsync<Claims>(token);
  } catch (error) {
    if (error instanceof Error && error.name === 'TokenExpiredError') throw expired();
  }
  throw unauthorized('TOKEN_INVALID', 'The token is not one of ours.');
}

const expired = () => unauthorized('TOKEN_EXPIRED', 'The token has expired: refresh it.');
