import type { z } from 'zod';
import type { TopologyProblem } from './topology.checks.js';
import { topologyJsonSchema } from './topology.schema.js';

const KINDS: Record<string, string> = {
  array: 'a list',
  object: 'a group of settings',
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
};

/** What zod found, in words for whoever wrote the file. */
export const problemsOf = (issues: readonly z.core.$ZodIssue[]): TopologyProblem[] =>
  issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          path: [...issue.path, key],
          message: `is not known here: there may be ${known(issue.path)}`,
        }))
      : [{ path: issue.path, message: issue.message }],
  );

/** The error map by which zod says what is wrong; where it says nothing, the schema has its own words. */
export function wordsFor(issue: z.core.$ZodRawIssue): string | undefined {
  const was = `, but was ${shown(issue.input)}`;
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${KINDS[issue.expected] ?? issue.expected}${was}`;
    case 'invalid_value':
      return issue.input === undefined ? 'is missing' : `must be one of ${issue.values.join(', ')}${was}`;
    case 'too_small':
      return `must ${issue.origin === 'array' ? 'have' : 'be'} at least ${issue.minimum}${measured(issue.origin, was)}`;
    case 'too_big':
      return `must ${issue.origin === 'number' || issue.origin === 'int' ? 'be' : 'have'} at most ${issue.maximum}${measured(issue.origin, was)}`;
    default:
      return undefined;
  }
}

const measured = (origin: string, was: string): string => ({ array: ' entry', string: ' characters' })[origin] ?? was;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
}

function known(path: readonly PropertyKey[]): string {
  const at = path.reduce<JsonSchema | undefined>(
    (schema, key) => (typeof key === 'number' ? schema?.items : schema?.properties?.[String(key)]),
    topologyJsonSchema(),
  );
  return Object.keys(at?.properties ?? {}).join(', ');
}
