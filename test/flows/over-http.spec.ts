import { startProcess } from '@nakku/testing';
import { apps } from '../../apps/nakku/src/index.js';
import { flows } from './flows.js';

// In the test's own process, where every answer is also held against what its route documents.
flows('one process over HTTP, every idempotent call doubled', (env) =>
  startProcess(Object.values(apps), { RPC_MODE: 'http', RPC_DOUBLE: 'on', ...env }),
);
