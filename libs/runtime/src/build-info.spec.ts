import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { memoryLimit } from './build-info.js';

describe('the memory that a process may have', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nakku-limit-'));
  const file = join(folder, 'memory.limit_in_bytes');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is the limit of its container, whatever is reserved for that', () => {
    writeFileSync(file, '67108864\n');
    expect(memoryLimit(file)).toBe(64 * 1024 ** 2);
  });

  it('is at most what the machine has, where a container has no limit', () => {
    writeFileSync(file, '9223372036854771712\n');
    for (const one of [file, join(folder, 'nothing')]) {
      expect(memoryLimit(one)).toBeGreaterThan(0);
      expect(memoryLimit(one)).toBeLessThanOrEqual(totalmem());
    }
  });
});
