import { run } from '@nakku/runtime';
import { product } from './index.js';

void run([product]);
