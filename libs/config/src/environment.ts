import type { z } from 'zod';
import { ConfigError, type BadVariable } from './config.error.js';
import { readValue } from './secret.file.js';
import type { SettingsType } from './settings.js';
import { allowed, marksOf, type Marks } from './variable.js';

const HIDDEN = '(not shown)';

/** The process's environment variables, each parsed once. An empty or blank variable counts as not set; a secret may be in the file `<NAME>_FILE`. */
export class Environment {
  /** True when NODE_ENV is `production`. */
  readonly production: boolean;
  private readonly raw: ReadonlyMap<string, string>;
  private readonly parsed = new Map<SettingsType, object>();

  constructor(raw: Record<string, string | undefined>) {
    this.raw = new Map(Object.entries(raw).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])));
    this.production = this.raw.get('NODE_ENV') === 'production';
  }

  /** Returns the frozen settings of a class, the same object each time. Throws ConfigError with every bad variable of the class. */
  get<T extends object>(type: SettingsType<T>): T {
    const known = this.parsed.get(type) as T | undefined;
    if (known) return known;
    const values = this.parse(type);
    this.parsed.set(type, values);
    return values;
  }

  /** Parses several classes and reports the bad variables of all of them in one ConfigError. */
  check(types: readonly SettingsType[]): void {
    const bad = new Map<string, BadVariable>();
    for (const type of types) {
      try {
        this.get(type);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        error.variables.forEach((variable) => bad.set(variable.name, variable));
      }
    }
    if (bad.size > 0) throw new ConfigError([...bad.values()]);
  }

  /** What every variable read so far is, for the log and the operator: secrets and passwords in URLs are not shown. */
  describe(): Record<string, string> {
    const rows: Record<string, string> = {};
    for (const [type, values] of this.parsed)
      for (const [name, schema] of Object.entries(type.shape))
        rows[name] = shown((values as Record<string, unknown>)[name], marksOf(schema));
    return rows;
  }

  private parse<T extends object>(type: SettingsType<T>): T {
    const bad: BadVariable[] = [];
    const values = Object.create(type.prototype as object) as Record<string, unknown>;
    for (const [name, schema] of Object.entries(type.shape)) {
      const result = this.parseOne(name, schema);
      if ('sentence' in result) bad.push({ name, sentence: result.sentence });
      else values[name] = result.value;
    }
    if (bad.length > 0) throw new ConfigError(bad);
    return Object.freeze(values) as T;
  }

  private parseOne(name: string, schema: z.core.$ZodType): { value: unknown } | { sentence: string } {
    const marks = marksOf(schema);
    const source = this.given(name, marks);
    if ('sentence' in source) return source;
    const { text: given } = source;
    const text = given ?? (this.production ? marks.production : marks.development);
    const refusal = this.production ? this.refusal(name, text, marks) : undefined;
    if (refusal) return { sentence: refusal };
    const result = (schema as z.ZodType).safeParse(text);
    if (result.success) return { value: result.data };
    const hidden = { ...marks, secret: marks.secret || source.fromFile };
    return { sentence: `${name} must be ${allowed(schema)}, but ${was(given, hidden)}` };
  }

  private given(name: string, marks: Marks): { text?: string; fromFile?: boolean } | { sentence: string } {
    const text = this.raw.get(name);
    const file = marks.secret || marks.file ? this.raw.get(`${name}_FILE`) : undefined;
    if (file === undefined) return { text };
    if (text !== undefined) return { sentence: `${name} and ${name}_FILE are both set: only one of them may be` };
    return { ...readValue(name, file), fromFile: true };
  }

  /** Whether a variable was given, in itself or as a file. */
  private has(name: string): boolean {
    return this.raw.has(name) || this.raw.has(`${name}_FILE`);
  }

  private refusal(name: string, text: string | undefined, marks: Marks): string | undefined {
    if (text === undefined) return this.missing(name, marks);
    if (marks.minimum !== undefined && text.length < marks.minimum)
      return `${name} must have at least ${marks.minimum} characters in production, but ${was(text, marks)}`;
    if (!marks.refused?.includes(text)) return undefined;
    return marks.secret
      ? `${name} must be a value of your own in production, but is a published default`
      : `${name} must not be "${text}" in production`;
  }

  private missing(name: string, { development, required, unless = [] }: Marks): string | undefined {
    if ((development === undefined && !required) || unless.some((other) => this.has(other))) return undefined;
    const or = unless.length > 0 ? ` (or ${unless.join(' or ')})` : '';
    return `${name} must be set in production${or}, but is not set`;
  }
}

function was(text: string | undefined, marks: Marks): string {
  if (text === undefined) return 'is not set';
  return marks.secret ? 'was set to something else (not shown)' : `was "${withoutPassword(text)}"`;
}

function shown(value: unknown, marks: Marks): string {
  if (value === undefined) return '(not set)';
  if (marks.secret) return HIDDEN;
  return withoutPassword(
    typeof value === 'string' ? value : Array.isArray(value) ? value.join(',') : JSON.stringify(value),
  );
}

function withoutPassword(text: string): string {
  return text.replace(/:\/\/[^@/\s]+@/g, `://${HIDDEN}@`);
}
