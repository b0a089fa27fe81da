import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderDomainMap } from './domain-map.js';

const FILE = join(__dirname, '..', '..', 'docs', 'domains.md');

describe('the map of the domains', () => {
  it('is in step with the code', () => {
    if (process.env.UPDATE_CONTRACTS === '1' || !existsSync(FILE)) writeFileSync(FILE, renderDomainMap());
    expect(readFileSync(FILE, 'utf8')).toBe(renderDomainMap());
  });
});
