import { run } from '@nakku/runtime';
import { order } from './index.js';

void run([order]);
