import { X509Certificate } from 'node:crypto';
import type { SecretFile } from '@nakku/deploy';
import type { SecretsFolder } from './folder.js';
import { NOWHERE } from './init.js';

/** How a secret is, without its content. */
export interface SecretState {
  name: string;
  usedBy: string[];
  there: boolean;
  state: string;
}

/** How each of the secrets is. */
export const statesOf = (files: readonly SecretFile[], folder: SecretsFolder): SecretState[] =>
  files.map(({ name, kind, usedBy }) => {
    const content = folder.read(name);
    const state =
      content === undefined
        ? 'missing'
        : kind === 'certificate'
          ? certificate(content)
          : content === NOWHERE
            ? 'to be filled in'
            : 'there';
    return { name, usedBy, there: content !== undefined, state };
  });

function certificate(pem: string): string {
  try {
    const { issuer, subject, validTo } = new X509Certificate(pem);
    const day = new Date(validTo).toISOString().slice(0, 10);
    return issuer === subject ? `signs itself, until ${day}: to be replaced` : `there, until ${day}`;
  } catch {
    return 'is no certificate';
  }
}
