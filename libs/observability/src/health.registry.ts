import { Injectable, Logger } from '@nestjs/common';

/** The state of one dependency. `degraded` is a failing one that the service can do without. */
export interface HealthState {
  status: 'up' | 'down' | 'degraded';
  message?: string;
}

/** The states of the dependencies by name. */
export type HealthReport = Record<string, HealthState>;

/** `live`: its failure asks for a restart. `informational`: its failure is shown and does not count. */
export interface HealthOptions {
  live?: boolean;
  informational?: boolean;
}

interface Entry extends HealthOptions {
  check: () => Promise<void>;
  running?: Promise<HealthState>;
  last?: { state: HealthState; until: number };
}

const TIMEOUT_MS = 2000;
const KEPT_MS = 500;

/** The checks behind /health. All run in parallel, each with 2 s; a result is kept for 500 ms so that probes cost nothing. */
@Injectable()
export class HealthRegistry {
  private readonly logger = new Logger(HealthRegistry.name);
  private readonly entries = new Map<string, Entry>();
  private stopping = false;

  /** Adds a check, or replaces the one of that name. A check that throws, or takes longer than 2 s, is down. */
  add(name: string, check: () => Promise<void>, options: HealthOptions = {}): void {
    this.entries.set(name, { check, ...options });
  }

  /** Forgets a check. */
  remove(name: string): void {
    this.entries.delete(name);
  }

  /** From now on readiness fails, so that balancers send no more work; liveness does not. */
  draining(): void {
    this.stopping = true;
  }

  /** Whether the process is stopping. */
  get isDraining(): boolean {
    return this.stopping;
  }

  /** Runs the checks that ask for a restart when they fail. */
  live(): Promise<HealthReport> {
    return this.run([...this.entries].filter(([, { live }]) => live));
  }

  /** Runs every check; while draining, the report has `shutdown` as down. */
  async ready(): Promise<HealthReport> {
    const report = await this.run([...this.entries]);
    return this.stopping ? { ...report, shutdown: { status: 'down', message: 'shutting down' } } : report;
  }

  private async run(entries: [string, Entry][]): Promise<HealthReport> {
    const states = await Promise.all(
      entries.map(async ([name, entry]) => [name, await this.state(name, entry)] as const),
    );
    return Object.fromEntries(states);
  }

  private async state(name: string, entry: Entry): Promise<HealthState> {
    if (entry.last && entry.last.until > Date.now()) return entry.last.state;
    entry.running ??= this.probe(name, entry);
    return entry.running;
  }

  private async probe(name: string, entry: Entry): Promise<HealthState> {
    const { error, ...state } = await outcome(entry);
    this.tell(name, entry.last?.state.status ?? 'up', state, error);
    entry.last = { state, until: Date.now() + KEPT_MS };
    entry.running = undefined;
    return state;
  }

  /** Only a change is logged, with the cause that the answer must not show. */
  private tell(name: string, before: HealthState['status'], { status }: HealthState, error: unknown): void {
    if (before === status) return;
    if (status === 'up') this.logger.log(`${name} is up again`);
    else this.logger.warn({ err: error, dependency: name }, `${name} is ${status}`);
  }
}

async function outcome({ check, informational }: Entry): Promise<HealthState & { error?: unknown }> {
  try {
    await inTime(check);
    return { status: 'up' };
  } catch (error) {
    return { status: informational ? 'degraded' : 'down', message: publicMessage(error), error };
  }
}

class TooSlow extends Error {}

async function inTime(check: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooSlow = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooSlow()), TIMEOUT_MS);
  });
  try {
    await Promise.race([check(), tooSlow]);
  } finally {
    clearTimeout(timer);
  }
}

/** An error's own text may have host names, SQL or a stack in it; a driver's code such as ECONNREFUSED has none. */
function publicMessage(error: unknown): string {
  if (error instanceof TooSlow) return `no answer within ${TIMEOUT_MS / 1000} s`;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,39}$/.test(code) ? `failed with ${code}` : 'failed';
}
