import { run } from '@nakku/runtime';
import { delivery } from './index.js';

void run([delivery]);
