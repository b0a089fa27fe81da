/** A series of a rule test: what it is called, and its values minute by minute as promtool writes them (`0x30`: thirty zeros more). */
export type Series = readonly [name: string, values: string];

/** Something that somebody should know of, and how it is shown that the rule finds it. */
export interface Alert {
  /** Also its heading in docs/operations/runbook.md. */
  name: string;
  expr: string;
  /** How long it must be so. */
  for: string;
  /** `critical`: customers notice, somebody should look now. `warning`: within the day. */
  severity: 'critical' | 'warning';
  /** May say `{{ $labels.x }}`. */
  summary: string;
  /** What to do first. */
  description: string;
  proof: {
    /** The labels of what fires, beside the severity. */
    labels: Record<string, string>;
    fires: readonly Series[];
    quiet: readonly Series[];
    /** When it has to fire; thirty minutes if nothing is said. */
    at?: string;
  };
}

/** Where an alert is explained. */
export const runbookOf = ({ name }: Pick<Alert, 'name'>): string => `docs/operations/runbook.md#${name.toLowerCase()}`;

/** A value that stays for an hour. */
export const steady = (value: number): string => `${value}x60`;

/** A counter that grows by this much a minute for an hour. */
export const growing = (perMinute: number): string => `0+${perMinute}x60`;
