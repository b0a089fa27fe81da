import { TokenService } from '@nakku/auth';
import { CoreSettings, DOMAINS, Environment } from '@nakku/config';
import { OpenedDomains } from '@nakku/runtime';
import { type Command, Option } from 'commander';
import { apps } from '../index.js';
import { EXIT, explain, Failure } from '../terminal/failure.js';
import { readPiped } from '../terminal/input.js';
import { note, print, printJson } from '../terminal/print.js';
import { readToken } from '../terminal/token.js';

/** `nakku token`: for an operator's own requests, by the keys of the installation. */
export function registerToken(program: Command): void {
  const token = program
    .command('token')
    .description('sign a short-lived token for checks, or read one')
    .option('--email <address>', 'an access token of this account, for 15 minutes; where the user service runs')
    .addOption(
      new Option('--service <name>', 'a token by which a service calls others (/internal), for a minute')
        .choices(['gateway', ...DOMAINS])
        .conflicts('email'),
    )
    .addHelpText(
      'after',
      `
The token is printed alone; what it is for goes to standard error.

Examples:
  $ curl -H "Authorization: Bearer $(nakku token --email you@example.com)" https://api.nakku.example/api/v1/admin/outbox
  $ nakku token show < token.txt`,
    )
    .action(sign);
  token
    .command('show')
    .description('print what an access token says, and whether this installation accepts it')
    .argument('[token]', 'the token (default: standard input)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ nakku token --email you@example.com | nakku token show')
    .action(show);
}

async function sign({ email, service }: { email?: string; service?: string }): Promise<void> {
  if (email !== undefined) return signFor(email);
  if (service === undefined) throw new Failure('Say whose token: --email or --service', EXIT.usage);
  note(`By this token ${service} calls other services, for a minute`);
  print(await new TokenService(new Environment(process.env).get(CoreSettings)).signService(service));
}

async function signFor(email: string): Promise<void> {
  const domains = await OpenedDomains.of([apps.user], process.env);
  try {
    const actor = await domains.accounts().find(email);
    if (!actor) throw new Failure(`There is no account ${email}`);
    const token = await domains.get(TokenService).signAccess(actor);
    note(`This token acts as ${email} (${actor.roles.join(', ')}) for 15 minutes`);
    print(token);
  } finally {
    await domains.close();
  }
}

async function show(given: string | undefined, { json }: { json?: boolean }): Promise<void> {
  const token = given ?? (await readPiped('the token'));
  const { header, claims } = readToken(token.trim());
  const { accepted, why } = await verdict(token.trim());
  if (json) printJson({ header, claims, accepted, ...(why && { why }) });
  else {
    for (const [name, value] of Object.entries({ ...header, ...claims }))
      print(`${name.padEnd(6)}  ${shown(name, value)}`);
    print(accepted ? 'accepted here' : `not accepted here: ${why}`);
  }
  if (!accepted) process.exitCode = EXIT.pending;
}

/** Access tokens and those of services are signed by different keys. */
async function verdict(token: string): Promise<{ accepted: boolean; why?: string }> {
  const tokens = new TokenService(new Environment(process.env).get(CoreSettings));
  try {
    await tokens.verifyAccess(token).catch(async (error: unknown) => {
      const serves = await tokens.verifyService(token).then(
        () => true,
        () => false,
      );
      if (!serves) throw error;
    });
    return { accepted: true };
  } catch (error) {
    return { accepted: false, why: explain(error).message };
  }
}

function shown(name: string, value: unknown): string {
  const isTime = ['iat', 'exp', 'nbf'].includes(name) && typeof value === 'number' && value < 1e11;
  return isTime ? new Date(value * 1000).toISOString() : typeof value === 'string' ? value : JSON.stringify(value);
}
