import { readSeed } from '@nakku/runtime';
import { z } from 'zod';

const Accounts = z.array(z.object({ email: z.string(), password: z.string(), role: z.string() }));

/** Prints where the shop answers and whom one can sign in as. Only for a demo: a production start has no such accounts. */
export function announce(url: string): void {
  const seen = new Set<string>();
  const accounts = readSeed('accounts', Accounts).filter(({ role }) => !seen.has(role) && seen.add(role));
  const lines = [
    `Nakku answers at ${url}/api/v1`,
    `API docs         ${url}/docs`,
    `Health           ${url}/health`,
    'Demo accounts (one of each role):',
    ...accounts.map(({ email, password, role }) => `  ${role.padEnd(12)} ${email}  ${password}`),
  ];
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
}
