import type { Command } from 'commander';
import { diagnose } from '../doctor/index.js';
import type { Finding, Status } from '../doctor/finding.js';
import { EXIT, Failure } from '../terminal/failure.js';
import { print, printJson } from '../terminal/print.js';

const SIGNS: Record<Status, string> = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL', skip: '-   ' };
const TIMEOUT_S = 5;
const LONGEST_S = 60;

interface Options {
  url?: string;
  topology?: string;
  timeout: number;
  json?: boolean;
}

/** `nakku doctor`: looks at a running deployment and says what to do. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'look at a running deployment: services, data, events, certificates, secrets; exit code 3 when something fails',
    )
    .option('--url <url>', 'where clients reach the gateway (default: by the topology)')
    .option('--topology <name>', 'which topology it was deployed from (default: TOPOLOGY, else single-server)')
    .option('--timeout <seconds>', 'how long one thing may take to answer', seconds, TIMEOUT_S)
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', WHERE)
    .action(async ({ url, topology, timeout, json }: Options) => {
      const question = { ...(url !== undefined && { url: urlOf(url) }), ...(topology !== undefined && { topology }) };
      const findings = await diagnose(process.env, { ...question, timeoutMs: timeout * 1000 });
      if (json) printJson({ findings, summary: counted(findings) });
      else printed(findings);
      if (findings.some(({ status }) => status === 'fail')) process.exitCode = EXIT.pending;
    });
}

const WHERE = `
Run it where the services can be reached, with their variables: in a container of the deployment, e.g.
  docker compose exec api-gateway nakku doctor
or on a machine that has DB_*, KAFKA_*, REDIS_*, <NAME>_SERVICE_URL and METRICS_TOKEN. What it is not told of it skips.`;

function printed(findings: readonly Finding[]): void {
  const width = Math.max(...findings.map(({ name }) => name.length));
  for (const { name, status, found, advice } of findings) {
    print(`${SIGNS[status]}  ${name.padEnd(width)}  ${found}`);
    if (advice !== undefined) print(`      ${' '.repeat(width)}  → ${advice}`);
  }
  const { ok, warn, fail, skip } = counted(findings);
  print(`\n${ok} well, ${warn} to look at, ${fail} broken, ${skip} not looked at`);
}

function counted(findings: readonly Finding[]): Record<Status, number> {
  const of = (wanted: Status) => findings.filter(({ status }) => status === wanted).length;
  return { ok: of('ok'), warn: of('warn'), fail: of('fail'), skip: of('skip') };
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new Failure(`--url must be an http or https URL, but was "${text.slice(0, 80)}"`, EXIT.usage);
}

function seconds(text: string): number {
  const number = Number(text);
  if (number >= 1 && number <= LONGEST_S) return number;
  throw new Failure(
    `--timeout must be a number of seconds from 1 to ${LONGEST_S}, but was "${text.slice(0, 40)}"`,
    EXIT.usage,
  );
}
