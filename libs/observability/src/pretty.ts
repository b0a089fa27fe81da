import type { DestinationStream } from 'pino';

interface Line {
  time: string;
  level: string;
  msg?: string;
  context?: string;
  err?: { stack?: string };
  [field: string]: unknown;
}

/** Turns each JSON line into `12:00:00.123 INFO  [Context] message key=value`, for eyes at a terminal. */
export function prettyTo(destination: DestinationStream): DestinationStream {
  return { write: (line) => destination.write(`${plain(JSON.parse(line) as Line)}\n`) };
}

function plain({ time, level, msg = '', context, err, pid: _pid, ...fields }: Line): string {
  const parts = [time.slice(11, 23), level.toUpperCase().padEnd(5), context && `[${context}]`, msg, ...pairs(fields)];
  return [parts.filter(Boolean).join(' '), err?.stack].filter(Boolean).join('\n');
}

function pairs(fields: Record<string, unknown>): string[] {
  return Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
}
