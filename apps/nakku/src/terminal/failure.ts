import { HttpException } from '@nestjs/common';
import { Problem } from '@nakku/rpc';
import { CommanderError } from 'commander';

/** What the shell is told: all went well, something failed, the command was wrong, something waits or is unwell. */
export const EXIT = { ok: 0, failed: 1, usage: 2, pending: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with one line and an exit code. */
export class Failure extends Error {
  constructor(
    message: string,
    readonly exitCode: ExitCode = EXIT.failed,
  ) {
    super(message);
  }
}

/** What an operator is told of whatever was thrown: no stack, no empty line; and the exit code. Undefined: all that was to be said was said. */
export function explain(error: unknown): { message?: string; exitCode: ExitCode } {
  if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? EXIT.ok : EXIT.usage };
  if (error instanceof Failure) return { message: error.message || undefined, exitCode: error.exitCode };
  if (error instanceof Problem) return { message: error.detail, exitCode: EXIT.failed };
  return { message: textOf(error), exitCode: EXIT.failed };
}

/** Errors of connections have a code, and some of them no message. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof HttpException) return (error.getResponse() as { detail?: string }).detail ?? error.message;
  const { code } = error as NodeJS.ErrnoException;
  const lines = error.message.trim();
  return lines || (code ? `the connection failed (${code})` : error.name);
}
