import { DOMAIN_NAMES } from '@nakku/contracts';
import { startSplit } from '../processes/split.js';
import { flows } from './flows.js';

flows('a gateway in a process of its own, before all domains in another', (env) =>
  startSplit([[...DOMAIN_NAMES], ['gateway']], env),
);
