import { Metrics } from '@nakku/observability';
import { parse } from 'yaml';
import { filesBelow, read } from './documents.js';

interface Rules {
  groups: { rules: Rule[] }[];
}
interface Rule {
  record?: string;
  alert?: string;
  expr: string;
  annotations?: { runbook_url: string };
}
interface Dashboard {
  panels: { targets?: { expr: string }[] }[];
}

const WORDS = ['and', 'or', 'unless', 'by', 'on', 'without', 'ignoring', 'bool', 'offset'];

/** The names of the series that an expression looks at: whatever is left of it when labels, functions and numbers are taken out. */
const seriesOf = (expr: string): string[] =>
  [
    ...expr
      .replaceAll(/"[^"]*"/g, '')
      .replaceAll(/\{[^}]*\}|\[\w+\]/g, '')
      .replaceAll(/(\w+ )?\b(by|on|without|ignoring) \([^)]*\)/g, '')
      .matchAll(/(?<![\w:.])[a-z_][\w:]*(?![\w:]* ?\()/g),
  ]
    .map(([name]) => name)
    .filter((name) => !WORDS.includes(name));

const TOPOLOGIES = filesBelow('deploy/topologies')
  .map((path) => /([\w-]+)\.yaml$/.exec(path)?.[1])
  .filter((name) => name !== undefined);
const rulesOf = (topology: string) =>
  (parse(read(`deploy/rendered/${topology}/prometheus/alerts.yml`)) as Rules).groups.flatMap(({ rules }) => rules);
const panelsOf = (topology: string) =>
  (JSON.parse(read(`deploy/rendered/${topology}/grafana/nakku.json`)) as Dashboard).panels;

/** What the code declares, wherever it does. */
function declaredInCode(): Set<string> {
  const sources = ['libs', 'apps'].flatMap(filesBelow).filter((path) => /(?<!\.(spec|fixture))\.ts$/.test(path));
  const found = sources.flatMap((path) =>
    [...read(path).matchAll(/\b(?:counter|gauge|histogram|set)\(\s*'([a-z][a-z0-9_]+)'/g)].map(([, name]) => name!),
  );
  return new Set(found);
}

describe('what is watched', () => {
  it.each(TOPOLOGIES)('looks at nothing in %s that no process shows', async (topology) => {
    const ofProcess = [...(await new Metrics().render()).matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name!);
    const rules = rulesOf(topology);
    const recorded = rules.map(({ record }) => record!).filter(Boolean);
    const known = new Set([...declaredInCode(), ...ofProcess, ...recorded, 'up']);
    const panels = panelsOf(topology).flatMap(({ targets = [] }) => targets);
    const used = [...rules, ...panels].flatMap(({ expr }) => seriesOf(expr));
    const isKnown = (name: string) => known.has(name) || known.has(name.replace(/_(bucket|count|sum)$/, ''));
    expect(used.length).toBeGreaterThan(60);
    expect([...new Set(used)].filter((name) => !isKnown(name))).toEqual([]);
  });

  it('is all explained in the runbook, which explains nothing else', () => {
    const alerts = new Set(TOPOLOGIES.flatMap(rulesOf).flatMap(({ alert }) => alert ?? []));
    const sections = [...read('docs/operations/runbook.md').matchAll(/^## (\S+)$/gm)].map(([, name]) => name!);
    expect([...sections].sort()).toEqual([...alerts].sort());
    const links = TOPOLOGIES.flatMap(rulesOf).flatMap(({ annotations }) => annotations?.runbook_url ?? []);
    const anchors = sections.map((name) => `docs/operations/runbook.md#${name.toLowerCase()}`);
    expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
  });

  it('is told in the runbook in the same four steps each time', () => {
    const [, ...sections] = read('docs/operations/runbook.md').split(/^## \S+$/m);
    const steps = ['Means', 'Look', 'Do', 'Over'];
    const told = (section: string) => steps.filter((step) => section.includes(`\n- **${step}.** `));
    expect(sections.map(told)).toEqual(sections.map(() => steps));
  });
});
