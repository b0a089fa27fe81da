import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, type PeerCertificate } from 'node:tls';
import { DatabaseSettings } from '@nakku/database';
import { fail, type Finding, graded, reasonOf, skip, warn } from './finding.js';
import { type Check, type Patient } from './patient.js';

const DAY_MS = 24 * 3600_000;
/** Days that are left, counted from their end. */
const LEFT = { warn: -21, fail: -3 };
const RENEW = 'renew it, put it into deploy/secrets/tls.crt and tls.key, and reload the balancer';

/** Whether clients can trust the gateway, and services their databases. */
export const certificates: Check = {
  name: 'certificates',
  look: async (patient) => [...(await ofGateway(patient)), ...ofDatabases(patient)],
};

async function ofGateway({ url, timeoutMs }: Patient): Promise<Finding[]> {
  const name = `certificate of ${url.host}`;
  if (url.protocol !== 'https:')
    return [skip(name, 'there is none: the URL is http', 'ask by the https URL that clients use')];
  try {
    const { certificate, distrust } = await handshake(url, timeoutMs);
    return [lasting(name, Date.parse(certificate.valid_to)), ...trust(name, distrust)];
  } catch (error) {
    return [fail(name, `no TLS: ${reasonOf(error)}`, 'see whether the balancer runs and listens there')];
  }
}

function handshake(url: URL, timeoutMs: number): Promise<{ certificate: PeerCertificate; distrust?: string }> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket = connect(
      { host, port: Number(url.port || 443), servername: /[a-z]/i.test(host) ? host : '', rejectUnauthorized: false },
      () => {
        const distrust = socket.authorized ? undefined : String(socket.authorizationError);
        resolve({ certificate: socket.getPeerCertificate(), ...(distrust !== undefined && { distrust }) });
        socket.destroy();
      },
    );
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    socket.on('error', reject);
  });
}

function trust(name: string, distrust: string | undefined): Finding[] {
  if (distrust === undefined || /EXPIRED/.test(distrust)) return [];
  if (/ALTNAME/.test(distrust))
    return [fail(name, 'is for another host name', 'get one for the name that clients use')];
  if (/SELF_SIGNED/.test(distrust))
    return [
      warn(name, 'is self-signed: no client trusts it by itself', 'get one of an authority, or give clients this one'),
    ];
  return [
    warn(
      name,
      `is not trusted here: ${distrust}`,
      'let the balancer send the whole chain; NODE_EXTRA_CA_CERTS names an authority of your own',
    ),
  ];
}

function lasting(name: string, until: number): Finding {
  const days = Math.floor((until - Date.now()) / DAY_MS);
  if (days < 0) return fail(name, `expired ${-days} days ago`, RENEW);
  return graded(name, -days, LEFT, `lasts for ${days} days`, RENEW);
}

function ofDatabases({ environment }: Patient): Finding[] {
  const { DB_SSL_CA_FILE: file } = environment.get(DatabaseSettings);
  if (file === undefined) return [];
  try {
    const { validTo } = new X509Certificate(readFileSync(file));
    return [lasting('DB_SSL_CA_FILE', Date.parse(validTo))].map((finding) =>
      finding.status === 'ok'
        ? finding
        : { ...finding, advice: 'make new certificates for the databases, and give the services the new authority' },
    );
  } catch (error) {
    return [fail('DB_SSL_CA_FILE', reasonOf(error), 'name a file that has a certificate in PEM')];
  }
}
