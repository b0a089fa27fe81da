import { run } from '@nakku/runtime';
import { location } from './index.js';

void run([location]);
