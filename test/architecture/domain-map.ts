import { catalogue } from '../../apps/nakku/src/catalogue.js';
import { DOMAINS, type DomainName, EVENTS } from '@nakku/contracts';

const list = (names: readonly string[]) =>
  names.length === 0
    ? '–'
    : [...names]
        .sort()
        .map((name) => `\`${name}\``)
        .join(', ');

/** The map of the domains as Markdown, from the code. */
export function renderDomainMap(): string {
  const domains = catalogue().filter(({ name }) => name in DOMAINS);
  const rows = domains.map(({ name, port, calls, emits, listens }) =>
    [
      `## ${name} (${port})`,
      '',
      `- offers: ${list(Object.keys(DOMAINS[name as DomainName].api.contract.operations))}`,
      `- calls: ${list(calls)}`,
      `- emits: ${list(emits)}`,
      `- listens: ${list(listens.length === EVENTS.length ? ['every event'] : listens)}`,
      '',
    ].join('\n'),
  );
  return [
    '# The domains',
    '',
    'Rendered from the code; `UPDATE_CONTRACTS=1 npx jest test/architecture` writes it anew.',
    '',
    ...rows,
  ].join('\n');
}
