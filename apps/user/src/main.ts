import { run } from '@nakku/runtime';
import { user } from './index.js';

void run([user]);
