import { z } from 'zod';

/** What zod cannot say about a variable: whether it is secret, and how it differs in production. */
export interface Marks {
  /** Its value is never shown, and may be in a file that `<NAME>_FILE` names. */
  secret?: boolean;
  /** It may be in a file like a secret, but is shown: what is secret in it is a URL's password. */
  file?: boolean;
  /** The value outside production when it is not set. */
  development?: string;
  /** The value in production when it is not set. Without one, a variable with a `development` value must be set there. */
  production?: string;
  /** Values that production refuses. */
  refused?: readonly string[];
  /** The least number of characters in production. */
  minimum?: number;
  /** Production must set it, though it has no value to fall back on outside either. */
  required?: boolean;
  /** In production it may be missing when one of these other variables is set. */
  unless?: readonly string[];
}

const marks = z.registry<Marks>();

/** Shorter keys can be guessed offline from one token: HMAC-SHA-256 wants at least its own output size. */
const SECRET_MINIMUM = 32;

/** Values printed in documentation. Everybody knows them, however long they are. */
const PUBLISHED = ['super_secure_jwt_secret_for_production'];

/**
 * Declares a secret text. With a `development` value, that is what counts outside production, and production must set one of its own
 * of at least 32 characters; so it must with `required`. `unless` names variables one of which may be set in its place.
 */
export function secret(options: Pick<Marks, 'development' | 'required' | 'unless'> = {}): z.ZodString {
  const { development, required } = options;
  const refused = development === undefined ? PUBLISHED : [development, ...PUBLISHED];
  const strict = development === undefined && !required ? {} : { refused, minimum: SECRET_MINIMUM };
  return byEnvironment(z.string(), { secret: true, ...options, ...strict });
}

/** Gives a variable other defaults, or fewer allowed values, in production than outside it. */
export function byEnvironment<T extends z.ZodType>(schema: T, given: Marks): T {
  marks.add(schema, given);
  return schema;
}

/** Reads the marks of a schema, also when it was made optional or given a default afterwards. */
export function marksOf(schema: z.core.$ZodType): Marks {
  return marks.get(schema) ?? (hasInner(schema) ? marksOf(schema._zod.def.innerType) : {});
}

/** The sentence part that says which values a variable may have: its description, or what the schema itself tells. */
export function allowed(schema: z.core.$ZodType): string {
  return describedAs(schema) ?? fromJsonSchema(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
}

function describedAs(schema: z.core.$ZodType): string | undefined {
  return (
    z.globalRegistry.get(schema)?.description ?? (hasInner(schema) ? describedAs(schema._zod.def.innerType) : undefined)
  );
}

function hasInner(schema: z.core.$ZodType): schema is z.core.$ZodOptional | z.core.$ZodDefault {
  return 'innerType' in schema._zod.def;
}

function fromJsonSchema(json: z.core.JSONSchema.BaseSchema): string {
  if (json.enum) return json.enum.map(String).join(' or ');
  if (json.type === 'integer' || json.type === 'number') return aNumber(json);
  if (json.format === 'uri') return 'a URL';
  return json.minLength ? `a text of at least ${json.minLength} characters` : 'a text';
}

function aNumber({ type, minimum, maximum, exclusiveMinimum }: z.core.JSONSchema.BaseSchema): string {
  const kind = type === 'integer' ? 'an integer' : 'a number';
  const from = bound(minimum);
  const to = bound(maximum);
  if (from !== undefined && to !== undefined) return `${kind} from ${from} to ${to}`;
  if (from !== undefined) return `${kind} of at least ${from}`;
  if (to !== undefined) return `${kind} of at most ${to}`;
  return exclusiveMinimum === undefined ? kind : `${kind} above ${exclusiveMinimum}`;
}

/** zod writes the safe-integer range where a schema gives no bound; nobody wants to read that. */
function bound(value: number | undefined): number | undefined {
  return value === undefined || Math.abs(value) === Number.MAX_SAFE_INTEGER ? undefined : value;
}
