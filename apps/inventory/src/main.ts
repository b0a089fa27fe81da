import { run } from '@nakku/runtime';
import { inventory } from './index.js';

void run([inventory]);
