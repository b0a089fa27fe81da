import { z } from 'zod';

/** A settings class: a type, a Nest token and the `shape` it is parsed by, in one. */
export type SettingsType<T = object> = (abstract new () => T) & { readonly shape: z.ZodRawShape };

/** The class that `settings()` returns for a shape. */
type SettingsOf<S extends z.ZodRawShape> = (abstract new () => Readonly<z.output<z.ZodObject<S>>>) & {
  readonly shape: S;
};

const shapes: z.ZodRawShape[] = [];

/** Declares the environment variables of a settings class; an instance, made by `Environment.get`, has the parsed values. */
export function settings<S extends z.ZodRawShape>(shape: S): SettingsOf<S> {
  abstract class Settings {
    static readonly shape = shape;
  }
  shapes.push(shape);
  return Settings as SettingsOf<S>;
}

/** The names of all variables that the code loaded so far declares: what documentation has to name. */
export const declaredVariables = (): string[] => [...new Set(shapes.flatMap((shape) => Object.keys(shape)))].sort();

/** A comma-separated list: blanks around an item and empty items are dropped; each item must be accepted by `isItem`. */
export function list(what: string, isItem: (item: string) => boolean = () => true) {
  return z
    .string()
    .transform((text) => items(text))
    .refine((found) => found.every(isItem))
    .describe(`a comma-separated list of ${what}`);
}

function items(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
