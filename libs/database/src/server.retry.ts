import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseUnavailable, isRepeatable } from './store.errors.js';

const TRIES = 5;
const FIRST_PAUSE_MS = 5;

/**
 * Runs what failed for others' sake and left nothing behind again: five times in all and as long as `limitMs`, at random intervals so that two
 * that met in a deadlock do not meet again.
 */
export async function again<T>(name: string, limitMs: number, attempt: () => Promise<T>): Promise<T> {
  const until = performance.now() + limitMs;
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isRepeatable(error)) throw error;
      if (tries === TRIES || performance.now() > until) throw given(name, error);
    }
    await sleep(Math.random() * FIRST_PAUSE_MS * 2 ** tries);
  }
}

/** The caller cannot help it: it may come back later. */
const given = (name: string, error: unknown): DatabaseUnavailable =>
  error instanceof DatabaseUnavailable
    ? error
    : new DatabaseUnavailable(`the ${name} database is too busy`, true, error);
