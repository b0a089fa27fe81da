import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = join(__dirname, '..', '..');
export const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
/** The shell commands of the README, in their order. */
export const commands = commandsOf(readme);

/** Walks the README's first order at this port; gives what was printed. Throws where a command fails. */
export const firstOrder = (port: number): Promise<string> => walk(commands, port);

/** The same for the order of another page; `variables` are those that the page leaves to its reader. */
export const firstOrderOf = (page: string, port: number, variables: Record<string, string>): Promise<string> =>
  walk(commandsOf(readFileSync(join(ROOT, page), 'utf8')), port, variables);

function commandsOf(page: string): string[] {
  return [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text]) => text!.trim());
}

async function walk(all: readonly string[], port: number, variables: Record<string, string> = {}): Promise<string> {
  const order = all.find((text) => text.startsWith('BASE='))!;
  const here = order.replace(/^BASE=https?:\/\/[^/\s]+/, `BASE=http://localhost:${port}`);
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', here], {
    cwd: ROOT,
    env: { ...process.env, ...variables },
  });
  return stdout;
}
