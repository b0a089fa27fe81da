import { run } from '@nakku/runtime';
import { notification } from './index.js';

void run([notification]);
