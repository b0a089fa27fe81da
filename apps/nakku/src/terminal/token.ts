import { EXIT, Failure } from './failure.js';

type Fields = Record<string, unknown>;

/** What a JSON Web Token says; its signature is not looked at. */
export function readToken(token: string): { header: Fields; claims: Fields } {
  const parts = token.split('.');
  const [header, claims] = parts.slice(0, 2).map(fieldsOf);
  if (parts.length !== 3 || !header || !claims)
    throw new Failure('This is no token: it has not three parts', EXIT.usage);
  return { header, claims };
}

function fieldsOf(part: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}
