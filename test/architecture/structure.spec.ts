import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { declaredVariables } from '@nakku/config';
import { DOMAIN_NAMES, EVENTS } from '@nakku/contracts';
import { DOMAINS as PORTS } from '@nakku/contracts';
import { readTopology, SERVICES } from '@nakku/runtime';
import { apps } from '../../apps/nakku/src/index.js';

const ROOT = join(__dirname, '..', '..');
const files = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
const sources = ['apps', 'libs'].flatMap((folder) => files(join(ROOT, folder))).filter((file) => file.endsWith('.ts'));
const text = (file: string) => readFileSync(file, 'utf8');
const named = (file: string) => relative(ROOT, file);

describe('the structure', () => {
  it('has every app and lib as a Nest project, and every app the same entry', () => {
    const { projects } = JSON.parse(text(join(ROOT, 'nest-cli.json'))) as { projects: Record<string, unknown> };
    const folders = ['apps', 'libs'].flatMap((folder) => readdirSync(join(ROOT, folder)));
    expect(Object.keys(projects).sort()).toEqual(folders.sort());
    for (const app of readdirSync(join(ROOT, 'apps'))) {
      expect(readdirSync(join(ROOT, 'apps', app, 'src'))).toEqual(expect.arrayContaining(['main.ts', 'index.ts']));
    }
  });

  it('has no file over 300 lines, and a median of 60 or less', () => {
    const lines = sources
      .filter((file) => !file.endsWith('.spec.ts'))
      .map((file) => ({ file: named(file), lines: text(file).split('\n').length }));
    expect(lines.filter((one) => one.lines > 300)).toEqual([]);
    const sorted = lines.map((one) => one.lines).sort((a, b) => a - b);
    expect(sorted[sorted.length >> 1]).toBeLessThanOrEqual(60);
  });

  it('has one owner for each table', () => {
    const owners = new Map<string, Set<string>>();
    for (const file of sources.filter((one) => one.endsWith('.entity.ts'))) {
      const owner = named(file).split('/').slice(0, 2).join('/');
      for (const [, table] of text(file).matchAll(/@Entity\('(\w+)'\)/g))
        owners.set(table!, (owners.get(table!) ?? new Set()).add(owner));
    }
    expect(owners.size).toBeGreaterThan(20);
    expect([...owners].filter(([, domains]) => domains.size > 1)).toEqual([]);
  });

  it('has an event only where it is declared once, by its domain, and published by that domain alone', () => {
    const types = EVENTS.map(({ type }) => type);
    expect(new Set(types).size).toBe(types.length);
    for (const { domain } of EVENTS) expect(DOMAIN_NAMES).toContain(domain);
    const contracts = files(join(ROOT, 'libs', 'contracts')).map((file) => ({ file, text: text(file) }));
    for (const { type, domain } of EVENTS) {
      const declared = contracts.filter((one) => one.text.includes(`'${type}'`)).map(({ file }) => named(file));
      expect({ type, declared }).toEqual({ type, declared: [`libs/contracts/src/${domain}.ts`] });
    }
  });

  it('publishes every event that it promises', () => {
    const all = sources
      .filter((file) => file.includes('/apps/') && !file.endsWith('.spec.ts'))
      .map(text)
      .join('\n');
    const constants = files(join(ROOT, 'libs', 'contracts')).flatMap((file) =>
      [...text(file).matchAll(/export const (\w+) = event\(/g)].map(([, name]) => name!),
    );
    expect(constants.length).toBe(EVENTS.length);
    const later = ['notificationFailed']; // mails are kept for the demo: they cannot fail before there is a mail server
    expect(constants.filter((name) => !later.includes(name) && !new RegExp(`\\b${name}\\b\\(`).test(all))).toEqual([]);
  });

  it('has a topology that hosts every service, on ports that are documented once', () => {
    const { processes } = readTopology('single-server');
    expect(processes.flatMap(({ services }) => services).sort()).toEqual([...SERVICES].sort());
    const ports = Object.values(PORTS).map(({ port }) => port);
    expect(ports).toEqual([8081, 8082, 8083, 8084, 8085, 8086, 8087, 8088, 8089, 8090]);
  });

  it('documents every environment variable that is read, and none that is not', () => {
    expect(Object.keys(apps).length).toBeGreaterThan(10); // loads them, and so all that they declare
    const ofOneDomain = new RegExp(`^(${DOMAIN_NAMES.join('|').toUpperCase()})_(?=DB_)`);
    const read = declaredVariables().map((name) => name.replace(ofOneDomain, ''));
    const documented = [...text(join(ROOT, '.env.example')).matchAll(/^([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name!);
    expect(documented.sort()).toEqual([...new Set(read)].sort());
  });

  it('has no drawer for odds and ends', () => {
    expect(sources.map(named).filter((file) => /\/(common|utils|shared|helpers)\//.test(file))).toEqual([]);
  });

  it('has a short README for every app', () => {
    for (const app of readdirSync(join(ROOT, 'apps')).filter((name) => name !== 'nakku')) {
      expect(text(join(ROOT, 'apps', app, 'README.md')).split('\n').length).toBeLessThanOrEqual(41);
    }
  });
});
