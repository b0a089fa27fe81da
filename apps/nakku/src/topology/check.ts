import { ConfigError } from '@nakku/config';
import { readTopology, topologyNames } from '@nakku/runtime';
import { EXIT } from '../terminal/failure.js';
import { note, print, printJson } from '../terminal/print.js';

/** `topology check` */
export function check(names: string[], { json }: { json?: boolean }): void {
  const results = (names.length > 0 ? names : topologyNames()).map((name) => ({ name, problems: problemsOf(name) }));
  if (json) printJson(results);
  else
    for (const { name, problems } of results)
      if (problems.length > 0) problems.forEach(note);
      else print(`${name}: nothing is wrong`);
  if (results.some(({ problems }) => problems.length > 0)) process.exitCode = EXIT.failed;
}

function problemsOf(name: string): string[] {
  try {
    readTopology(name);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.variables.map(({ sentence }) => sentence);
    throw error;
  }
}
