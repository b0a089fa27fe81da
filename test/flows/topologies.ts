import { startProcess, type TestProcess } from '@nakku/testing';
import { apps } from '../../apps/nakku/src/index.js';

const everything = Object.values(apps);

/** The ways in which the same flows must pass. */
export const topologies: Record<string, (env?: Record<string, string>) => Promise<TestProcess>> = {
  'single-server': (env = {}) => startProcess(everything, env),
  'one process over HTTP, every idempotent call doubled': (env = {}) =>
    startProcess(everything, { RPC_MODE: 'http', RPC_DOUBLE: 'on', ...env }),
};
