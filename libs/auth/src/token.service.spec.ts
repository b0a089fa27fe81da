import { createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JwtService } from '@nestjs/jwt';
import { ConfigError, CoreSettings, Environment } from '@nakku/config';
import { ACCESS_TOKEN_SECONDS, TokenService } from './token.service.js';

const SECRET = 'a-secret-of-the-test-with-32-characters';
const ANN = { id: 'ann', roles: ['customer' as const], stores: ['koramangala'], sessionId: 'session-1' };

const service = (env: Record<string, string> = { JWT_SECRET: SECRET }) =>
  new TokenService(new Environment(env).get(CoreSettings));
const refused = (code: string) => expect.objectContaining({ status: 401, response: expect.objectContaining({ code }) });
const parts = (token: string) =>
  token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));

function forge(header: object, claims: object, secret = SECRET): string {
  const body = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}

describe('TokenService', () => {
  const tokens = service();
  const claims = (more: object = {}) => ({
    sub: 'ann',
    roles: ['admin'],
    iss: 'nakku',
    aud: 'nakku-api',
    exp: Math.floor(Date.now() / 1000) + 60,
    ...more,
  });

  it('reads back who an access token is for', async () => {
    expect(await tokens.verifyAccess(await tokens.signAccess(ANN))).toEqual(ANN);
  });

  it('gives an access token 15 minutes and not a second more', async () => {
    const token = await tokens.signAccess(ANN);
    const [, { iat, exp }] = parts(token);
    expect(exp - iat).toBe(ACCESS_TOKEN_SECONDS);

    jest.useFakeTimers({ now: Date.now() + ACCESS_TOKEN_SECONDS * 1000, doNotFake: ['nextTick', 'setImmediate'] });
    try {
      await expect(tokens.verifyAccess(token)).rejects.toEqual(refused('TOKEN_EXPIRED'));
    } finally {
      jest.useRealTimers();
    }
  });

  it('accepts a token that another process signed with the same secret', async () => {
    expect(await service().verifyAccess(forge({ alg: 'HS256', typ: 'JWT' }, claims()))).toMatchObject({
      id: 'ann',
      roles: ['admin'],
    });
  });

  it.each([
    ['of another secret', forge({ alg: 'HS256' }, claims(), `${SECRET}!`)],
    [
      'of another algorithm',
      new JwtService().sign(
        { sub: 'ann', iss: 'nakku', aud: 'nakku-api' },
        { secret: SECRET, algorithm: 'HS512', expiresIn: 60 },
      ),
    ],
    ['without an algorithm', `${forge({ alg: 'none' }, claims()).split('.').slice(0, 2).join('.')}.`],
    ['for another audience', forge({ alg: 'HS256' }, claims({ aud: 'nakku-internal' }))],
    ['of another issuer', forge({ alg: 'HS256' }, claims({ iss: 'okkun' }))],
    ['not yet valid', forge({ alg: 'HS256' }, claims({ nbf: Math.floor(Date.now() / 1000) + 60 }))],
    [
      'that was tampered with',
      forge({ alg: 'HS256' }, claims()).replace(/\.[^.]+\./, `.${Buffer.from('{"sub":"bob"}').toString('base64url')}.`),
    ],
    ['that is none', 'abc'],
    ['that is empty', ''],
  ])('refuses a token %s', async (_, token) => {
    await expect(tokens.verifyAccess(token)).rejects.toEqual(refused('TOKEN_INVALID'));
  });

  it('takes the word of a service for a minute, from a token that is signed anew before that', async () => {
    const token = await tokens.signService('order');
    const [, { iat, exp }] = parts(token);

    expect(await tokens.verifyService(token)).toBe('order');
    expect(exp - iat).toBe(60);
    expect(await tokens.signService('order')).toBe(token);
    expect(await tokens.verifyService(await tokens.signService('cart'))).toBe('cart');

    jest.useFakeTimers({ now: Date.now() + 31_000, doNotFake: ['nextTick', 'setImmediate'] });
    try {
      expect(await tokens.signService('order')).not.toBe(token);
    } finally {
      jest.useRealTimers();
    }
  });

  it('never takes a user for a service, nor a service for a user', async () => {
    await expect(tokens.verifyService(await tokens.signAccess(ANN))).rejects.toEqual(refused('TOKEN_INVALID'));
    await expect(tokens.verifyAccess(await tokens.signService('order'))).rejects.toEqual(refused('TOKEN_INVALID'));
    // Not even with the right audience: what signs for users is another key.
    const forged = forge({ alg: 'HS256' }, claims({ aud: 'nakku-internal' }));
    await expect(tokens.verifyService(forged)).rejects.toEqual(refused('TOKEN_INVALID'));
  });

  it('takes calls only from services that have the same secret, whatever secret users have', async () => {
    const [one, two] = ['1', '2'].map((n) => service({ JWT_SECRET: SECRET, INTERNAL_SECRET: n.repeat(32) }));
    await expect(two!.verifyService(await one!.signService('order'))).rejects.toEqual(refused('TOKEN_INVALID'));
    await expect(tokens.verifyService(await one!.signService('order'))).rejects.toEqual(refused('TOKEN_INVALID'));
    const three = service({ JWT_SECRET: `${SECRET}!`, INTERNAL_SECRET: '1'.repeat(32) });
    expect(await three.verifyService(await one!.signService('order'))).toBe('order');
    const same = service({ JWT_SECRET: SECRET, INTERNAL_SECRET: SECRET });
    await expect(same.verifyService(forge({ alg: 'HS256' }, claims({ aud: 'nakku-internal' })))).rejects.toEqual(
      refused('TOKEN_INVALID'),
    );
  });

  it('checks the end of a token that it knows, and says since when somebody has it', async () => {
    const token = await tokens.signAccess(ANN);
    const { issuedAt } = await tokens.readAccess(token);
    expect(Math.abs(Date.now() - issuedAt)).toBeLessThan(5000);
    jest.useFakeTimers({ now: Date.now() + ACCESS_TOKEN_SECONDS * 1000, doNotFake: ['nextTick', 'setImmediate'] });
    try {
      await expect(tokens.readAccess(token)).rejects.toEqual(refused('TOKEN_EXPIRED'));
    } finally {
      jest.useRealTimers();
    }
  });

  it('publishes no key where tokens are symmetric', () => {
    expect(tokens.jwks()).toEqual({ keys: [] });
  });
});

describe('TokenService with a key pair', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'nakku-keys-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const publicPem = (key: KeyObject) => createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
  const keyFile = (name: string, text: string | Buffer) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).privateKey;
  const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey;
  const pem = { type: 'pkcs8', format: 'pem' } as const;

  it.each([
    ['RS256', () => rsa(2048)],
    ['ES256', () => ec('P-256')],
  ])('signs with %s, and the published key alone is enough to check it', async (algorithm, make) => {
    const tokens = service({ JWT_PRIVATE_KEY_FILE: keyFile('good.pem', make().export(pem)) });
    const token = await tokens.signAccess(ANN);
    const { keys } = tokens.jwks();
    const [header] = parts(token);

    expect(await tokens.verifyAccess(token)).toEqual(ANN);
    expect(header).toMatchObject({ alg: algorithm, kid: keys[0]!.kid });
    expect(keys).toEqual([expect.objectContaining({ alg: algorithm, use: 'sig' })]);
    expect(keys[0]).not.toHaveProperty('d');
    const published = await crypto.subtle.importKey('jwk', keys[0] as JsonWebKey, subtle(algorithm), false, ['verify']);
    const signature = Buffer.from(token.split('.')[2]!, 'base64url');
    const signed = Buffer.from(token.split('.').slice(0, 2).join('.'));
    expect(await crypto.subtle.verify(subtle(algorithm), published, signature, signed)).toBe(true);
  });

  it('refuses a token whose signature was made with the public key as a shared secret', async () => {
    const key = rsa(2048);
    const tokens = service({ JWT_PRIVATE_KEY_FILE: keyFile('rsa.pem', key.export(pem)) });
    const { kid: _kid, alg: _alg, use: _use, ...jwk } = tokens.jwks().keys[0]!;
    const token = forge(
      { alg: 'HS256' },
      { sub: 'ann', iss: 'nakku', aud: 'nakku-api', exp: 9_999_999_999 },
      JSON.stringify(jwk),
    );

    await expect(tokens.verifyAccess(token)).rejects.toEqual(refused('TOKEN_INVALID'));
  });

  it('lets a process with the public key alone check tokens, and not sign any', async () => {
    const key = ec('P-256');
    const user = service({ JWT_PRIVATE_KEY_FILE: keyFile('user.pem', key.export(pem)) });
    const order = service({ JWT_PUBLIC_KEY_FILE: keyFile('user.pub', publicPem(key)) });

    expect(await order.verifyAccess(await user.signAccess(ANN))).toEqual(ANN);
    await expect(order.signAccess(ANN)).rejects.toThrow('no key to sign');
    expect(() => order.requireSigning()).toThrow(/^JWT_PRIVATE_KEY_FILE must be set where the user service runs/);
    expect(() => user.requireSigning()).not.toThrow();
    // Both have a secret to call each other with, and it is not what users' tokens are signed with.
    expect(await order.verifyService(await user.signService('user'))).toBe('user');
  });

  it('takes tokens of the old key and of the new one while keys are being changed', async () => {
    const [old, young] = [rsa(2048), ec('P-256')];
    const before = service({ JWT_PRIVATE_KEY_FILE: keyFile('old.pem', old.export(pem)) });
    const after = service({
      JWT_PRIVATE_KEY_FILE: keyFile('young.pem', young.export(pem)),
      JWT_PUBLIC_KEY_FILE: keyFile('old.pub', publicPem(old)),
    });
    const order = service({ JWT_PUBLIC_KEY_FILE: keyFile('both.pub', publicPem(old) + publicPem(young)) });
    const [oldToken, youngToken] = [await before.signAccess(ANN), await after.signAccess(ANN)];

    expect(parts(oldToken)[0].kid).not.toBe(parts(youngToken)[0].kid);
    for (const tokens of [after, order])
      for (const token of [oldToken, youngToken]) expect(await tokens.verifyAccess(token)).toEqual(ANN);
    expect(after.jwks().keys.map(({ kid }) => kid)).toEqual([parts(youngToken)[0].kid, parts(oldToken)[0].kid]);
    await expect(before.verifyAccess(youngToken)).rejects.toEqual(refused('TOKEN_INVALID'));
  });

  it('refuses a token that names the key of another algorithm', async () => {
    const [one, two] = [rsa(2048), ec('P-256')];
    const order = service({ JWT_PUBLIC_KEY_FILE: keyFile('two.pub', publicPem(one) + publicPem(two)) });
    const signer = service({ JWT_PRIVATE_KEY_FILE: keyFile('two.pem', two.export(pem)) });
    const [header, claims, signature] = (await signer.signAccess(ANN)).split('.');
    const lie = { ...JSON.parse(Buffer.from(header!, 'base64url').toString()), kid: order.jwks().keys[0]!.kid };
    const token = [Buffer.from(JSON.stringify(lie)).toString('base64url'), claims, signature].join('.');

    await expect(order.verifyAccess(token)).rejects.toEqual(refused('TOKEN_INVALID'));
  });

  it.each([
    ['that is missing', () => join(folder, 'nowhere.pub')],
    ['that is no key', () => keyFile('text.pub', 'hello')],
    ['with a private key', () => keyFile('private.pub', ec('P-256').export(pem))],
    ['with an RSA key that is too short', () => keyFile('short.pub', publicPem(rsa(1024)))],
  ])('stops the start with one line for a public key file %s', (_, file) => {
    expect(() => service({ JWT_PUBLIC_KEY_FILE: file() })).toThrow(
      /^JWT_PUBLIC_KEY_FILE must name a PEM file with public keys[^\n]*$/,
    );
  });

  it('keeps calls between services on a key of their own', async () => {
    const tokens = service({ JWT_PRIVATE_KEY_FILE: keyFile('ec.pem', ec('P-256').export(pem)) });

    expect(await tokens.verifyService(await tokens.signService('order'))).toBe('order');
    await expect(tokens.verifyService(await tokens.signAccess(ANN))).rejects.toEqual(refused('TOKEN_INVALID'));
  });

  it.each([
    ['that is missing', () => join(folder, 'nowhere.pem')],
    ['that is no key', () => keyFile('text.pem', 'hello')],
    ['with an RSA key that is too short', () => keyFile('short.pem', rsa(1024).export(pem))],
    ['with a curve that ES256 does not sign with', () => keyFile('p384.pem', ec('P-384').export(pem))],
    ['with a key of another kind', () => keyFile('ed.pem', generateKeyPairSync('ed25519').privateKey.export(pem))],
  ])('stops the start with one line for a key file %s', (_, file) => {
    expect(() => service({ JWT_PRIVATE_KEY_FILE: file() })).toThrow(ConfigError);
    expect(() => service({ JWT_PRIVATE_KEY_FILE: file() })).toThrow(
      /^JWT_PRIVATE_KEY_FILE must name a PEM file with a private key[^\n]*$/,
    );
  });
});

const subtle = (algorithm: string) =>
  algorithm === 'RS256'
    ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
    : { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
