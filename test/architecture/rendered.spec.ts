import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { topologyNames } from '@nakku/runtime';
import { compare } from '../../apps/nakku/src/topology/rendering.js';
import { schemaFile, schemaText } from '../../apps/nakku/src/topology/schema.js';

const DEPLOY = join(__dirname, '..', '..', 'deploy');

describe('the committed files', () => {
  it('are in step with the topologies (else: npx nakku topology render)', () => {
    const results = compare([], DEPLOY);
    expect(results.map(({ name }) => name)).toEqual(topologyNames());
    for (const { name, files, differences } of results) {
      expect(files.length).toBeGreaterThan(10);
      expect({ name, differences, do: 'npx nakku topology render' }).toEqual({
        name,
        differences: [],
        do: 'npx nakku topology render',
      });
    }
  });

  it('have a schema for editors that is that of the code (else: npx nakku topology schema)', () => {
    expect(readFileSync(schemaFile(), 'utf8')).toBe(schemaText());
  });

  it('describe every setting of a topology to whoever edits one', () => {
    const undescribed = (schema: object, path: string): string[] => {
      const { properties = {}, items } = schema as { properties?: Record<string, object>; items?: object };
      const inner = Object.entries({ ...properties, ...(items && { '[]': items }) });
      const none = Object.entries(properties).filter(([, one]) => !('description' in one) && !('default' in one));
      return [
        ...none.map(([key]) => `${path}.${key}`),
        ...inner.flatMap(([key, one]) => undescribed(one, `${path}.${key}`)),
      ];
    };
    const schema = JSON.parse(schemaText()) as { properties: object };
    expect(Object.keys(schema.properties)).toEqual([
      'name',
      'description',
      'processes',
      'data',
      'balancer',
      'discovery',
    ]);
    expect(undescribed(schema, '')).toEqual([]);
  });
});
