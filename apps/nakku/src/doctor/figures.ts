/** One figure of /metrics. */
export interface Figure {
  labels: Record<string, string>;
  value: number;
}

/** The figures of a process by name. */
export type Figures = ReadonlyMap<string, readonly Figure[]>;

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Reads the Prometheus text format, as far as gauges and counters go. */
export function figuresOf(text: string): Figures {
  const figures = new Map<string, Figure[]>();
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    if (name === undefined) continue;
    const known = figures.get(name) ?? [];
    known.push({ labels: labelsOf(labels), value: Number(value) });
    figures.set(name, known);
  }
  return figures;
}

const labelsOf = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(LABEL)].map(([, name, value]) => [name, value] as [string, string]));
