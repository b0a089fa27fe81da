import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { EXIT, Failure } from './failure.js';
import { readPassword } from './input.js';

const TIMEOUT_MS = 30_000;
const MOST_BYTES = 16 * 1024 * 1024;

/** The options by which a command reaches a gateway and says who asks. */
export interface GatewayOptions {
  url: URL;
  token?: string;
  email?: string;
  passwordStdin?: boolean;
  ca?: string;
}

/** Adds those options to a command. */
export const withGateway = (command: Command): Command =>
  command
    .option(
      '--url <url>',
      'where the gateway or the balancer answers',
      urlOf,
      urlOf(`http://127.0.0.1:${process.env.PORT || 8080}`),
    )
    .option('--token <token>', "an admin's access token (nakku token prints one)")
    .option('--email <address>', 'an admin to sign in as, by password')
    .option('--password-stdin', 'read the password from standard input instead of asking for it')
    .option('--ca <file>', 'certificates (PEM) that the server’s must be signed by, for one that signs itself');

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash)
    throw new InvalidArgumentError('It must be an http or https URL without name, query and fragment.');
  return url;
}

const Problem = z.object({ detail: z.string(), code: z.string().optional() });
const SignedIn = z.object({ accessToken: z.string() });

/** The REST API of a running deployment, for an admin. */
export class Gateway {
  private constructor(
    private readonly base: string,
    private readonly agent: Agent,
    private readonly token?: string,
  ) {}

  /** Signs in, if there is no token. */
  static async open({ url, ca, token, email, passwordStdin }: GatewayOptions): Promise<Gateway> {
    if ((token === undefined) === (email === undefined))
      throw new Failure('Say who asks: --email of an admin, or --token', EXIT.usage);
    const base = `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}/api/v1`;
    const connect = ca === undefined ? undefined : { ca: certificates(ca) };
    const agent = new Agent({
      connect,
      maxResponseSize: MOST_BYTES,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    if (token !== undefined) return new Gateway(base, agent, token);
    const password = await readPassword({ stdin: passwordStdin });
    const guest = new Gateway(base, agent);
    const { accessToken } = SignedIn.parse(await guest.send('POST', '/users/login', { email, password }));
    return new Gateway(base, agent, accessToken);
  }

  get<T extends z.ZodType>(path: string, shape: T): Promise<z.output<T>> {
    return this.send('GET', path).then((body) => shape.parse(body));
  }

  async post(path: string, body?: object): Promise<void> {
    await this.send('POST', path, body);
  }

  close(): Promise<void> {
    return this.agent.close();
  }

  private async send(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
    const { statusCode, headers, body: answer } = await this.reach(method, path, body);
    const text = await answer.text();
    if (statusCode >= 300 && statusCode < 400)
      throw new Failure(`${this.base} sends one on to ${originOf(String(headers.location))}: give that as --url`);
    const content = parsed(text);
    if (statusCode < 300) return content;
    const problem = Problem.safeParse(content);
    const hint = statusCode === 403 ? ' The account must be an admin.' : '';
    throw new Failure(
      problem.success ? `${problem.data.detail}${hint}` : `${method} ${path} was answered with ${statusCode}`,
    );
  }

  private async reach(method: 'GET' | 'POST', path: string, body?: object) {
    try {
      return await request(`${this.base}${path}`, {
        method,
        dispatcher: this.agent,
        headers: {
          ...(this.token && { authorization: `Bearer ${this.token}` }),
          ...(body && { 'content-type': 'application/json' }),
        },
        body: body && JSON.stringify(body),
      });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const hint = /CERT|SIGNED|ISSUER/.test(code ?? '') ? ' (--ca names who is trusted)' : '';
      throw new Failure(`${this.base} cannot be reached: ${code ?? message}${hint}`);
    }
  }
}

/** The path that one asked for is ours. */
const originOf = (location: string): string => (URL.canParse(location) ? new URL(location).origin : location);

function parsed(text: string): unknown {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

function certificates(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure(
      `--ca must be a file that can be read, but "${file}" gave ${(error as NodeJS.ErrnoException).code}`,
    );
  }
}
