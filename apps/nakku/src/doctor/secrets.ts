import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { declaredVariables } from '@nakku/config';
import { fail, type Finding, ok, reasonOf, warn } from './finding.js';
import type { Check } from './patient.js';

const SECRET = /(SECRET|PASSWORD|TOKEN)$/;
const KEY_FILES = ['JWT_PRIVATE_KEY_FILE'];
/** What anybody can read in documentation. */
const PUBLISHED =
  /^(nakku-development-.*|super_secure_jwt_secret_for_production|secure_(production_)?password|root_password|password|secret|changeme|change-me|nakku|root|admin)$/i;
const LEAST = 16;
/** Of a key that signs: shorter ones can be guessed from one token. */
const LEAST_SIGNING = 32;
const SIGNING = /^(JWT_SECRET|INTERNAL_SECRET)$/;
/** Containers have their secrets here, each readable by the one user there is. */
const MOUNTED = '/run/secrets';
/** These are one secret on purpose where the migrating user is also who logs in. */
const SHARED = /DB_(MIGRATION_)?PASSWORD$/;

interface Given {
  name: string;
  value: string;
  file?: string;
}

/** Whether secrets are strong, secret, and each used for one thing. */
export const secrets: Check = {
  name: 'secrets',
  look: async ({ env }) => {
    const { given, unreadable } = secretsIn(env);
    const findings = [
      ...unreadable,
      ...given.flatMap(strength),
      ...given.flatMap(exposure),
      ...keyFiles(env),
      ...twice(given),
      ...mode(env),
    ];
    return findings.length > 0
      ? findings
      : [ok('secrets', given.length > 0 ? `${given.length} are strong` : 'none is set here')];
  },
};

function secretsIn(env: Record<string, string | undefined>): { given: Given[]; unreadable: Finding[] } {
  const unreadable: Finding[] = [];
  const given = declaredVariables()
    .filter((name) => SECRET.test(name))
    .flatMap((name): Given[] => {
      const file = env[`${name}_FILE`];
      if (env[name]) return [{ name, value: env[name].trim() }];
      if (!file) return [];
      try {
        return [{ name, value: readFileSync(file, 'utf8').trim(), file }];
      } catch (error) {
        unreadable.push(fail(`${name}_FILE`, reasonOf(error), 'make the file readable by the user that runs this'));
        return [];
      }
    });
  return { given, unreadable };
}

function strength({ name, value }: Given): Finding[] {
  const least = SIGNING.test(name) ? LEAST_SIGNING : LEAST;
  if (PUBLISHED.test(value)) return [fail(name, 'is a published default', 'nakku secrets init makes one of your own')];
  if (value.length >= least && new Set(value).size >= 6) return [];
  const found = value.length < least ? `has ${value.length} characters` : 'repeats a few characters';
  return [fail(name, found, `take at least ${least} random ones: openssl rand -base64 36`)];
}

const exposure = ({ name, file }: Given): Finding[] => (file ? readable(`${name}_FILE`, file) : []);

const keyFiles = (env: Record<string, string | undefined>): Finding[] =>
  KEY_FILES.flatMap((name) => (env[name] ? readable(name, env[name]) : []));

/** In a folder that only its owner may enter, a file may be readable by all: containers of other users need that. */
function readable(name: string, file: string): Finding[] {
  if (file.startsWith(`${MOUNTED}/`)) return [];
  try {
    if ((statSync(file).mode & 0o004) === 0 || (statSync(dirname(file)).mode & 0o001) === 0) return [];
    return [
      fail(
        name,
        `${file} can be read by everybody on this machine`,
        `chmod 600 ${file}, or chmod 700 ${dirname(file)}`,
      ),
    ];
  } catch (error) {
    return [fail(name, reasonOf(error), 'make the file readable by the user that runs this')];
  }
}

function twice(given: readonly Given[]): Finding[] {
  const byValue = new Map<string, string[]>();
  for (const { name, value } of given) byValue.set(value, [...(byValue.get(value) ?? []), name]);
  return [...byValue.values()]
    .filter((names) => names.length > 1 && !names.every((name) => SHARED.test(name)))
    .map((names) =>
      fail(names.join(' and '), 'are the same', 'give each a value of its own: who learns one has all otherwise'),
    );
}

const mode = (env: Record<string, string | undefined>): Finding[] =>
  env.NODE_ENV === 'production'
    ? []
    : [warn('NODE_ENV', `is ${env.NODE_ENV ?? 'not set'}: published defaults are accepted`, 'set NODE_ENV=production')];
