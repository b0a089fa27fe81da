import { run } from '@nakku/runtime';
import { payment } from './index.js';

void run([payment]);
