/** What YAML and JSON can say. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A value of the chart that operators change: its path below `.Values`, what it is without them, and what it is for. */
export interface Value {
  path: string;
  preset: Json;
  comment?: string;
  /** What `values.schema.json` says of it beyond its type. */
  schema?: Record<string, Json>;
}

/** Whether an object or a key is there: as a template asks, and as it is with the presets. */
export interface Condition {
  expression: string;
  holds: boolean;
  values: readonly Value[];
}

/** A place in a manifest that the chart fills in from its values, and the plain manifests from the presets. */
export class Param {
  constructor(
    /** The template's expression, without its braces. */
    readonly expression: string,
    readonly preset: Json,
    readonly values: readonly Value[],
    /** Without it the key is always there. */
    readonly condition?: Condition,
  ) {}

  /** The action that writes it into YAML so that it stays of its type. */
  get template(): string {
    const { expression, preset } = this;
    if (typeof preset === 'string') return `{{ ${expression} | quote }}`;
    return typeof preset === 'object' ? `{{ ${expression} | toJson }}` : `{{ ${expression} }}`;
  }

  /** The same, in a key that is left out unless the condition holds. */
  when(condition: Condition): Param {
    return new Param(this.expression, this.preset, this.values, condition);
  }
}

/** A value by its path; asked for twice, both must have the same preset. */
export function value(path: string, preset: Json, comment?: string, schema?: Value['schema']): Param {
  // Numbers of a values file are floats to a template.
  const expression = typeof preset === 'number' ? `.Values.${path} | int` : `.Values.${path}`;
  return new Param(expression, preset, [{ path, preset, comment, schema }]);
}

/** A text with values in it: text`${repository}/order-service:${tag}`. */
export function text(parts: TemplateStringsArray, ...inserted: readonly (Param | string)[]): Param {
  const params = inserted.filter((one) => one instanceof Param);
  const filled = (fill: (param: Param) => string, raw: (text: string) => string): string =>
    parts
      .map((part, index) => {
        const one = inserted[index] ?? '';
        return raw(part) + (one instanceof Param ? fill(one) : raw(one));
      })
      .join('');
  const format = filled(
    () => '%v',
    (literal) => literal.replaceAll('%', '%%'),
  );
  const preset = filled(
    (param) => (typeof param.preset === 'string' ? param.preset : JSON.stringify(param.preset)),
    (literal) => literal,
  );
  const args = params.map(({ expression }) => grouped(expression)).join(' ');
  return new Param(`printf ${JSON.stringify(format)} ${args}`, preset, valuesOf(params));
}

/** What Helm alone knows, and what stands for it in the plain manifests. */
export const ofHelm = (expression: string, preset: string): Param => new Param(expression, preset, []);

/** A number of a value and so much more. */
export const plus = (param: Param, more: number): Param =>
  new Param(`add ${grouped(param.expression)} ${more}`, Number(param.preset) + more, param.values);

export const valuesOf = (params: readonly Param[]): Value[] => params.flatMap(({ values }) => values);

/** Holds when the value is true, or neither empty nor 0. */
export const given = ({ expression, preset, values }: Param): Condition => ({
  expression,
  holds: Array.isArray(preset) ? preset.length > 0 : Boolean(preset),
  values,
});

export const not = ({ expression, holds, values }: Condition): Condition => ({
  expression: `not ${grouped(expression)}`,
  holds: !holds,
  values,
});

export const both = (one: Condition, other: Condition): Condition => ({
  expression: `and ${grouped(one.expression)} ${grouped(other.expression)}`,
  holds: one.holds && other.holds,
  values: [...one.values, ...other.values],
});

/** An expression as an argument of another. */
export const grouped = (expression: string): string => (/[ |]/.test(expression) ? `(${expression})` : expression);
