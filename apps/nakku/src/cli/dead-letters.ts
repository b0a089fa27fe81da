import { DOMAINS } from '@nakku/config';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { EXIT, Failure } from '../terminal/failure.js';
import { Gateway, type GatewayOptions, withGateway } from '../terminal/gateway.js';
import { wholeNumber } from '../terminal/options.js';
import { note, print, printJson, printTable } from '../terminal/print.js';

const PAGE = 100;
const MOST = 10_000;

const Letter = z.object({
  id: z.string(),
  domain: z.string(),
  type: z.string(),
  key: z.string(),
  error: z.string(),
  tries: z.number(),
  createdAt: z.string(),
});
type Letter = z.output<typeof Letter>;
const Page = z.object({ items: z.array(Letter.loose()), nextCursor: z.string().nullable() });

interface Filter {
  domain?: string;
  type?: string;
}

/** `nakku dead-letters`: the events that a domain could not handle, through the gateway. */
export function registerDeadLetters(program: Command): void {
  const group = program.command('dead-letters').description('events that could not be handled: list and replay them');
  filtered(withGateway(group.command('list')))
    .description('list them, the newest first')
    .option('--limit <number>', 'how many at most', wholeNumber(1, MOST), PAGE)
    .option('--json', 'print JSON, with the events')
    .addHelpText(
      'after',
      '\nExample:\n  $ nakku dead-letters list --url https://api.nakku.example --email you@example.com',
    )
    .action(list);
  filtered(withGateway(group.command('replay')))
    .description('handle them once more; what fails again stays')
    .argument('[id...]', 'which')
    .option('--all', 'all of them, the oldest first')
    .addHelpText(
      'after',
      `
Examples:
  $ nakku dead-letters replay 01a1f6a0-0000-7000-8000-000000000000 --email you@example.com
  $ nakku dead-letters replay --all --domain order --token "$(nakku token --email you@example.com)"`,
    )
    .action(replay);
}

const filtered = (command: Command): Command =>
  command
    .addOption(new Option('--domain <name>', 'only those of this domain').choices(DOMAINS))
    .option('--type <event>', 'only those of this type, e.g. order.created');

async function list(options: GatewayOptions & Filter & { limit: number; json?: boolean }): Promise<void> {
  const letters = await withLetters(options, (gateway) => lettersOf(gateway, options, options.limit));
  if (options.json) return printJson(letters);
  const rows = letters.map(({ id, domain, type, key, tries, createdAt, error }) => [
    id,
    domain,
    type,
    key,
    tries,
    createdAt,
    line(error),
  ]);
  printTable(['ID', 'DOMAIN', 'TYPE', 'KEY', 'TRIES', 'SINCE', 'ERROR'], rows, 'There are no dead letters.');
}

async function replay(ids: string[], options: GatewayOptions & Filter & { all?: boolean }): Promise<void> {
  if (ids.length > 0 === (options.all ?? false)) throw new Failure('Say which: ids, or --all', EXIT.usage);
  const failed = await withLetters(options, async (gateway) => {
    const chosen = options.all ? (await lettersOf(gateway, options, MOST)).map(({ id }) => id).reverse() : ids;
    return replayEach(gateway, chosen);
  });
  if (failed > 0) throw new Failure(`${failed} could not be replayed and stay`);
}

/** One after the other: those of one key must keep their order. */
async function replayEach(gateway: Gateway, ids: readonly string[]): Promise<number> {
  let failed = 0;
  for (const [index, id] of ids.entries()) {
    const place = `${index + 1} of ${ids.length}`;
    try {
      await gateway.post(`/admin/dead-letters/${encodeURIComponent(id)}/replay`);
      note(`${place}  ${id}  handled`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failed++;
      note(`${place}  ${id}  ${error.message}`);
    }
  }
  print(ids.length > 0 ? `${ids.length - failed} of ${ids.length} were handled` : 'There are no dead letters.');
  return failed;
}

async function lettersOf(gateway: Gateway, { domain, type }: Filter, limit: number): Promise<Letter[]> {
  const found: Letter[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: z.output<typeof Page> = await gateway.get(`/admin/dead-letters?limit=${PAGE}${query}`, Page);
    found.push(
      ...page.items.filter((letter) => (!domain || letter.domain === domain) && (!type || letter.type === type)),
    );
    cursor = page.nextCursor;
  } while (cursor !== null && found.length < limit);
  return found.slice(0, limit);
}

async function withLetters<T>(options: GatewayOptions, work: (gateway: Gateway) => Promise<T>): Promise<T> {
  const gateway = await Gateway.open(options);
  try {
    return await work(gateway);
  } finally {
    await gateway.close();
  }
}

const line = (text: string): string => text.split('\n', 1)[0]!.slice(0, 120);
