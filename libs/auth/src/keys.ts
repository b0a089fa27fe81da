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

/** A key that tokens are checked with. Key objects, never texts: jsonwebtoken tries each text as PEM first, which costs 0.7 ms a token. */
export interface VerifyKey {
  algorithm: 'HS256' | 'RS256' | 'ES256';
  verify: KeyObject;
  /** By which a token says that it was signed with this key's other half. */
  keyid?: string;
  /** The public half, where there is one. */
  jwk?: JsonWebKey;
}

/** A key that tokens are signed with, too. */
export interface SigningKey extends VerifyKey {
  sign: KeyObject;
}

/** The keys of access tokens: what this process signs with, if it may, and every key whose tokens it takes. */
export interface AccessKeys {
  own?: SigningKey;
  accepted: readonly VerifyKey[];
}

/** The pair in JWT_PRIVATE_KEY_FILE and the public keys in JWT_PUBLIC_KEY_FILE, else JWT_SECRET. Throws ConfigError. */
export function accessKeys({
  JWT_PRIVATE_KEY_FILE: file,
  JWT_PUBLIC_KEY_FILE: files = [],
  JWT_SECRET: secret,
}: CoreSettings): AccessKeys {
  const others = files.flatMap(publicKeys);
  if (file) {
    const own = keyPair(file);
    return { own, accepted: [own, ...others.filter(({ keyid }) => keyid !== own.keyid)] };
  }
  if (others.length > 0) return { accepted: others };
  if (!secret) throw missing('JWT_SECRET', 'JWT_PRIVATE_KEY_FILE or JWT_PUBLIC_KEY_FILE');
  const own = sharedKey(secret);
  return { own, accepted: [own] };
}

/** What services sign with among themselves. Hashed, so that it never signs for users, even where both secrets are the same. */
export function internalKey({ INTERNAL_SECRET, JWT_SECRET }: CoreSettings): SigningKey {
  const root = INTERNAL_SECRET ?? JWT_SECRET;
  if (!root) throw missing('INTERNAL_SECRET', 'JWT_SECRET');
  return sharedKey(createHash('sha256').update(`service:${root}`).digest('hex'));
}

function sharedKey(secret: string): SigningKey {
  const key = createSecretKey(Buffer.from(secret));
  return { algorithm: 'HS256', sign: key, verify: key };
}

function keyPair(file: string): SigningKey {
  const refuse = wrongFile('JWT_PRIVATE_KEY_FILE', file, 'a private key');
  const sign = read(() => createPrivateKey(readFileSync(file)), refuse);
  return { sign, ...publicKey(createPublicKey(sign), refuse) };
}

/** A file may hold several keys one after the other: that of today and that of tomorrow. */
function publicKeys(file: string): VerifyKey[] {
  const refuse = wrongFile('JWT_PUBLIC_KEY_FILE', file, 'public keys');
  const blocks = read(
    () => readFileSync(file, 'utf8').match(/-----BEGIN PUBLIC KEY-----[^-]+-----END [^-]+-----/g),
    refuse,
  );
  if (!blocks) throw refuse;
  return blocks.map((block) =>
    publicKey(
      read(() => createPublicKey(block), refuse),
      refuse,
    ),
  );
}

function publicKey(verify: KeyObject, refuse: ConfigError): VerifyKey {
  const algorithm = algorithmOf(verify);
  if (!algorithm) throw refuse;
  const jwk = verify.export({ format: 'jwk' });
  const keyid = createHash('sha256').update(JSON.stringify(jwk)).digest('base64url').slice(0, 16);
  return { algorithm, verify, keyid, jwk };
}

function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject) {
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= 2048) return 'RS256';
  return type === 'ec' && details?.namedCurve === 'prime256v1' ? 'ES256' : undefined;
}

function read<T>(work: () => T, refuse: ConfigError): T {
  try {
    return work();
  } catch {
    throw refuse;
  }
}

const wrongFile = (name: string, file: string, what: string): ConfigError =>
  new ConfigError([
    {
      name,
      sentence: `${name} must name a PEM file with ${what} (RSA of at least 2048 bits, or EC P-256), but was "${file}"`,
    },
  ]);

const missing = (name: string, or: string): ConfigError =>
  new ConfigError([{ name, sentence: `${name} must be set (or ${or}), but is not set` }]);
