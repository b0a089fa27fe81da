import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOMAIN_NAMES, DOMAINS, type DomainName, EVENTS } from '@nakku/contracts';

const ROOT = join(__dirname, '..', '..');
const source = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');

const constants = new Map(
  [
    ...source(join(ROOT, 'libs', 'contracts', 'src')).matchAll(/export const (\w+) = event\(\{\s*type: '([\w.]+)'/g),
  ].map(([, name, type]) => [name!, type!]),
);

/** What a domain's source says: whom it calls, what it hears. */
function readDomain(domain: DomainName) {
  const text = source(join(ROOT, 'apps', domain, 'src'));
  const listens = [...text.matchAll(/@On\((\w+)\)/g)].map(([, name]) => constants.get(name!)!);
  const calls = DOMAIN_NAMES.filter(
    (other) => other !== domain && new RegExp(`: ${DOMAINS[other].api.name}\\b`).test(text),
  );
  return { listens: domain === 'analytics' ? ['every event'] : listens, calls };
}

const list = (names: readonly string[]) =>
  names.length === 0
    ? '–'
    : [...names]
        .sort()
        .map((name) => `\`${name}\``)
        .join(', ');

/** The map of the domains as Markdown, from the code. */
export function renderDomainMap(): string {
  const rows = DOMAIN_NAMES.map((domain) => {
    const { listens, calls } = readDomain(domain);
    const offers = Object.keys(DOMAINS[domain].api.contract.operations);
    const emits = EVENTS.filter((event) => event.domain === domain).map(({ type }) => type);
    return [
      `## ${domain} (${DOMAINS[domain].port})`,
      '',
      `- offers: ${list(offers)}`,
      `- calls: ${list(calls)}`,
      `- emits: ${list(emits)}`,
      `- listens: ${list(listens)}`,
      '',
    ].join('\n');
  });
  return [
    '# The domains',
    '',
    'Rendered from the code; `UPDATE_CONTRACTS=1 npx jest test/architecture` writes it anew.',
    '',
    ...rows,
  ].join('\n');
}
