import type { Deployment, SecretFile } from '@nakku/deploy';
import { redisUrlOf } from '@nakku/deploy';
import { Failure } from '../terminal/failure.js';
import type { SecretsFolder } from './folder.js';
import { newCertificate, newPassword, newPrivateKey, publicKeyOf } from './make.js';

/** Until the operator's own is filled in, alerts go to a port where nobody listens. */
export const NOWHERE = 'http://127.0.0.1:9/';

/** The secrets that are missing in a folder, made up; those that belong to others that are there fit them. Nothing is written. Throws Failure. */
export function missingSecrets(
  deployment: Deployment,
  files: readonly SecretFile[],
  folder: SecretsFolder,
  host: string,
): Map<string, string> {
  const made = new Map<string, string>();
  const valueOf = (name: string): string | undefined => folder.read(name) ?? made.get(name);
  const wanted = (name: string) => files.some((file) => file.name === name) && folder.read(name) === undefined;

  if (wanted('jwt_private_key')) {
    requireNone(folder, 'jwt_public_key', 'jwt_private_key');
    made.set('jwt_private_key', newPrivateKey());
  }
  if (wanted('jwt_public_key')) made.set('jwt_public_key', publicKeyOf(valueOf('jwt_private_key') ?? newPrivateKey()));
  if (wanted('tls.crt') || wanted('tls.key')) {
    requireNone(folder, 'tls.crt', 'tls.key');
    requireNone(folder, 'tls.key', 'tls.crt');
    const { certificate, key } = newCertificate(host);
    made.set('tls.crt', certificate).set('tls.key', key);
  }
  if (wanted('redis_password')) made.set('redis_password', passwordIn(folder.read('redis_url')) ?? newPassword());
  for (const { name, kind } of files.filter(({ name }) => wanted(name) && !made.has(name)))
    made.set(
      name,
      kind === 'webhook-url'
        ? NOWHERE
        : kind === 'redis-url'
          ? redisUrlOf(deployment, valueOf('redis_password') ?? '')
          : newPassword(),
    );
  return made;
}

/** One half of a pair alone: to make the other one anew would not fit it. */
function requireNone(folder: SecretsFolder, there: string, missing: string): void {
  if (folder.read(there) === undefined || folder.read(missing) !== undefined) return;
  throw new Failure(
    `${folder.path} has ${there} but not ${missing}, which belongs to it: put that there, or remove ${there}`,
  );
}

const passwordIn = (url: string | undefined): string | undefined =>
  url && URL.canParse(url) ? decodeURIComponent(new URL(url).password) || undefined : undefined;

/** What does not fit together in a folder that has everything, in sentences. */
export function misfits(deployment: Deployment, folder: SecretsFolder): string[] {
  const [url, password] = [folder.read('redis_url'), folder.read('redis_password')];
  const [privateKey, publicKeys] = [folder.read('jwt_private_key'), folder.read('jwt_public_key')];
  return [
    ...(deployment.caches.length > 0 && url && password && url !== redisUrlOf(deployment, password)
      ? [`redis_url is not ${redisUrlOf(deployment, '<redis_password>')}: right only if Redis is elsewhere`]
      : []),
    ...(privateKey && publicKeys && !publicKeys.includes(publicKeyOf(privateKey).trim())
      ? ['jwt_public_key has not the public half of jwt_private_key: tokens would be refused']
      : []),
  ];
}
