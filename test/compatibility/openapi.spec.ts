import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENTS } from '@nakku/contracts';
import { type Loose, startProcess, type TestProcess } from '@nakku/testing';
import { z } from 'zod';
import { apps } from '../../apps/nakku/src/index.js';

/** What clients and listeners were promised: committed, and only ever added to. UPDATE_CONTRACTS=1 writes what is there now. */
const file = (name: string) => join(__dirname, name);
const update = process.env.UPDATE_CONTRACTS === '1';

function committed(name: string, now: unknown): Loose {
  const text = `${JSON.stringify(now, null, 1)}\n`;
  if (update || !existsSync(file(name))) writeFileSync(file(name), text);
  return JSON.parse(readFileSync(file(name), 'utf8'));
}

/** What of `before` is missing or different in `now`, as paths. Additions are fine. */
function lost(before: Loose, now: Loose, path = ''): string[] {
  if (before === null || typeof before !== 'object')
    return Object.is(before, now) ? [] : [`${path}: ${JSON.stringify(before)} became ${JSON.stringify(now)}`];
  if (now === null || typeof now !== 'object') return [`${path} is gone`];
  if (Array.isArray(before)) {
    return before.every((item) => typeof item !== 'object')
      ? before.filter((item) => !now.includes(item)).map((item) => `${path} lost ${item}`)
      : before.flatMap((item, i) => lost(item, now[i], `${path}/${i}`));
  }
  return Object.entries<Loose>(before).flatMap(([key, value]) => lost(value, now[key], `${path}/${key}`));
}

describe('what clients were promised', () => {
  let nakku: TestProcess;
  let document: Loose;

  beforeAll(async () => {
    nakku = await startProcess(Object.values(apps), { NAKKU_SEED: 'none' });
    document = (await nakku.http.get('/openapi.json')).body;
  });
  afterAll(() => nakku?.stop());

  it('is still there: no route, field or status of openapi.json is gone', () => {
    const promised = committed('openapi.json', document);
    expect(lost(promised.paths, document.paths)).toEqual([]);
    expect(lost(promised.components.schemas, document.components.schemas)).toEqual([]);
  });

  it('is written down: openapi.json has every route that the server has', () => {
    const promised = committed('openapi.json', document);
    expect(Object.keys(promised.paths).sort()).toEqual(Object.keys(document.paths).sort());
  });

  it('demands nothing new: no request needs a field that it did not need', () => {
    const promised = committed('openapi.json', document);
    const requests = Object.values<Loose>(promised.paths)
      .flatMap((methods) => Object.values<Loose>(methods))
      .map((operation) => operation.requestBody?.content?.['application/json']?.schema?.$ref?.split('/').at(-1))
      .filter(Boolean);
    for (const name of new Set<string>(requests)) {
      const before: string[] = promised.components.schemas[name]?.required ?? [];
      const now: string[] = document.components.schemas[name]?.required ?? [];
      expect({ name, added: now.filter((field) => !before.includes(field)) }).toEqual({ name, added: [] });
    }
  });
});

describe('what listeners were promised', () => {
  const now = Object.fromEntries(
    EVENTS.map(({ type, version, key, topic, payload }) => [
      `${type}.v${version}`,
      { topic, key, payload: z.toJSONSchema(payload) },
    ]),
  );

  it('is still there: no event or field of events.json is gone without a new version', () => {
    const promised = committed('events.json', now);
    expect(lost(promised, now)).toEqual([]);
    expect(Object.keys(promised).sort()).toEqual(Object.keys(now).sort());
  });
});
