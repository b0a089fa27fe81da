import { run } from '@nakku/runtime';
import { gateway } from './index.js';

void run([gateway]);
