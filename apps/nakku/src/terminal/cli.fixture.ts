import { run } from '../cli.js';

/** What a command line printed, and how it ended. */
export interface Ended {
  code: number;
  out: string;
  err: string;
}

/** Runs a command line in this process, with these variables beside those that are there. */
export async function cli(args: string | readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const ended = { code: 0, out: '', err: '' };
  const [before, exitCode] = [{ ...process.env }, process.exitCode];
  const spies = (['out', 'err'] as const).map((stream) =>
    jest.spyOn(process[`std${stream}`], 'write').mockImplementation((text) => {
      ended[stream] += String(text);
      return true;
    }),
  );
  Object.assign(process.env, env);
  try {
    ended.code = await run(typeof args === 'string' ? args.split(' ') : args);
  } finally {
    process.exitCode = exitCode; // else it would be that of the tests
    spies.forEach((spy) => spy.mockRestore());
    for (const name of Object.keys(env)) delete process.env[name];
    Object.assign(process.env, before);
  }
  return ended;
}
