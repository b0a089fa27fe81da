import { run } from '@nakku/runtime';
import { analytics } from './index.js';

void run([analytics]);
