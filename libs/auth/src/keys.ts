import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError, type CoreSettings } from '@nakku/config';

export interface SigningKeys {
  algorithm: 'HS256' | 'RS256' | 'ES256';
  /** Key objects, never texts: jsonwebtoken tries each text as PEM first, which costs 0.7 ms a token. */
  sign: KeyObject;
  verify: KeyObject;
  keyid?: string;
  /** The public half, where there is one. */
  jwk?: JsonWebKey;
}

/** The keys that access tokens are signed with: the pair in JWT_PRIVATE_KEY_FILE, else JWT_SECRET. Throws ConfigError. */
export function signingKeys({ JWT_PRIVATE_KEY_FILE: file, JWT_SECRET: secret }: CoreSettings): SigningKeys {
  if (file) return keyPair(file);
  if (!secret)
    throw new ConfigError([
      { name: 'JWT_SECRET', sentence: 'JWT_SECRET must be set (or JWT_PRIVATE_KEY_FILE), but is not set' },
    ]);
  return sharedKey(secret);
}

/** What services sign with among themselves. Derived, so that it is never fit to sign for users. */
export function serviceKeys(settings: CoreSettings, own: SigningKeys): SigningKeys {
  const root = settings.JWT_SECRET ?? own.sign.export({ type: 'pkcs8', format: 'pem' }).toString();
  return sharedKey(createHash('sha256').update(`service:${root}`).digest('hex'));
}

function sharedKey(secret: string): SigningKeys {
  const key = createSecretKey(Buffer.from(secret));
  return { algorithm: 'HS256', sign: key, verify: key };
}

function keyPair(file: string): SigningKeys {
  const sign = readPrivateKey(file);
  const verify = createPublicKey(sign);
  const jwk = verify.export({ format: 'jwk' });
  const keyid = createHash('sha256').update(JSON.stringify(jwk)).digest('base64url').slice(0, 16);
  return { algorithm: algorithmOf(sign, file), sign, verify, keyid, jwk };
}

function readPrivateKey(file: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(file));
  } catch {
    throw wrongFile(file);
  }
}

function algorithmOf(
  { asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject,
  file: string,
): 'RS256' | 'ES256' {
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= 2048) return 'RS256';
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return 'ES256';
  throw wrongFile(file);
}

const wrongFile = (file: string): ConfigError =>
  new ConfigError([
    {
      name: 'JWT_PRIVATE_KEY_FILE',
      sentence: `JWT_PRIVATE_KEY_FILE must name a PEM file with a private key (RSA of at least 2048 bits, or EC P-256), but was "${file}"`,
    },
  ]);
