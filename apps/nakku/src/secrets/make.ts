import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../terminal/failure.js';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** The longest that MySQL takes for replication, and the shortest that a signing key may be. */
const LENGTH = 32;
const DAYS = 825;
const SERVER = ['-addext', 'extendedKeyUsage=serverAuth'];

/** A password of 190 bits, of letters and digits only: it goes through URLs, SQL and shells as it is. */
export const newPassword = (): string =>
  Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');

/** A P-256 key that signs tokens (PEM). */
export const newPrivateKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** The public half of a private key (PEM). */
export const publicKeyOf = (privateKey: string): string =>
  createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();

/** A certificate that signs itself, for a host and for trials on this machine. Node can read certificates but not make any: openssl does. */
export function newCertificate(host: string): { certificate: string; key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'nakku-certificate-'));
  const [certificate, key] = [join(folder, 'crt'), join(folder, 'key')];
  const names = [`DNS:${host}`, 'DNS:localhost', 'IP:127.0.0.1'].join(',');
  const about = ['-subj', `/CN=${host.slice(0, 64)}`, '-addext', `subjectAltName=${names}`, ...SERVER];
  const out = ['-out', certificate, '-keyout', key];
  try {
    execFileSync(
      'openssl',
      [
        'req',
        ...`-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days ${DAYS}`.split(' '),
        ...about,
        ...out,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
  } catch (error) {
    throw new Failure(
      `The certificate could not be made: ${why(error)}. Put tls.crt and tls.key there yourself, then try again`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function why(error: unknown): string {
  const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: Buffer };
  if (code === 'ENOENT') return 'openssl is not on this machine';
  return `openssl said ${stderr?.toString().trim().split('\n', 1)[0] || code}`;
}
