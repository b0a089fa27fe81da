/** Prints a line of the result. */
export const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Prints a line about the work, which is no part of the result: a pipe does not get it. */
export const note = (line: string): void => void process.stderr.write(`${line}\n`);

/** Prints a result for programs. */
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** Prints rows as columns, under headings; nothing but `none` when there are no rows. */
export function printTable(
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  none: string,
): void {
  if (rows.length === 0) return print(none);
  const all = [headings, ...rows].map((row) => row.map(String));
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  for (const row of all)
    print(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}
