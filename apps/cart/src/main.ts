import { run } from '@nakku/runtime';
import { cart } from './index.js';

void run([cart]);
