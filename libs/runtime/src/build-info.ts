import { existsSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { Metrics } from '@nakku/observability';
import { projectRoot } from './seed.js';

/** The version of this build, as package.json has it. */
export function buildVersion(): string {
  const { version } = JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** Where the first version of control groups keeps a container's limit. Node gives the lower of this and of what is only reserved there. */
const HARD_LIMIT = '/sys/fs/cgroup/memory/memory.limit_in_bytes';

/** How much memory the process may have, in bytes: the container's limit, else what the machine has. */
export function memoryLimit(file = HARD_LIMIT): number {
  const all = totalmem();
  const hard = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  const limit = hard > 0 && hard < all ? hard : process.constrainedMemory();
  return limit > 0 ? Math.min(limit, all) : all;
}

/** Tells on /metrics which version of which services this is, and how much memory it may have. */
export function tellBuild(metrics: Metrics, services: readonly string[]): void {
  const build = metrics.gauge('nakku_build_info', 'Version of a service; always 1', ['version', 'service']);
  for (const service of services) build.set({ version: buildVersion(), service }, 1);
  const help = 'Memory that the process may have: the limit of its container, or all of the machine';
  metrics.gauge('nakku_memory_limit_bytes', help).set(memoryLimit());
}
