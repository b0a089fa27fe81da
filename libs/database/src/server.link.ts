import type { Socket } from 'node:net';
import {
  type Connection,
  type ConnectionOptions,
  createConnection,
  type ResultSetHeader,
  type RowDataPacket,
} from 'mysql2';
import type { Address, Login, ServerOptions } from './server.options.js';
import { type DriverError, fateOf } from './store.errors.js';

const CONNECT_MS = 5000;
const KEEP_ALIVE_MS = 30_000;
const GOODBYE_MS = 1000;

/** The code of the error of a statement that took longer than it may. */
export const TOO_LONG = 'STATEMENT_TOO_LONG';

/** What a statement gives: rows, or what it has changed. */
export type Answer = RowDataPacket[] | ResultSetHeader;

/** Who keeps a connection, and wants to know how it fares. */
export interface LinkOwner {
  lost(link: Link): void;
  answered?(): void;
}

/** One connection to a server. */
export class Link {
  /** When it was last given back, by the process's clock in milliseconds. */
  idleSince = 0;
  private readonly waiting = new Set<(reason: Error) => void>();
  private lostBy?: Error;
  private onIdle?: () => void;

  private constructor(
    private readonly connection: Connection,
    private readonly owner: LinkOwner,
  ) {
    // Without a listener an error of an idle connection would end the process.
    connection.on('error', (error: Error) => this.lose(error));
    connection.on('end', () => this.lose(new Error('the server closed the connection')));
  }

  /** Connects, and sets the session up by `setup` before anybody else can use it. */
  static async open(
    options: ConnectionOptions,
    setup: readonly string[],
    owner: LinkOwner,
    connectMs = CONNECT_MS,
  ): Promise<Link> {
    const link = new Link(createConnection(options), owner);
    const timer = setTimeout(() => link.destroy(fatal(`not connected within ${connectMs} ms`)), connectMs);
    try {
      await new Promise<void>((resolve, reject) => {
        link.waiting.add(reject);
        link.connection.connect((error) => (error ? reject(error) : resolve()));
      });
      link.waiting.clear();
      for (const sql of setup) await link.run(sql);
      return link;
    } catch (error) {
      link.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get lost(): boolean {
    return this.lostBy !== undefined;
  }

  /** Whether a statement is under way. */
  get busy(): boolean {
    return this.waiting.size > 0;
  }

  /** Resolves when no statement is under way; for one caller at a time. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.busy) this.onIdle = resolve;
      else resolve();
    });
  }

  /** Runs one statement; one that takes longer than `limitMs` costs the connection. */
  run(sql: string, parameters: readonly unknown[] = [], limitMs?: number): Promise<Answer> {
    if (this.lostBy) return Promise.reject(this.lostBy);
    return new Promise<Answer>((resolve, reject) => {
      const timer =
        limitMs === undefined
          ? undefined
          : setTimeout(() => this.destroy(fatal(`no answer within ${limitMs} ms`, TOO_LONG)), limitMs);
      const fail = (reason: Error) => {
        clearTimeout(timer);
        reject(reason);
      };
      this.waiting.add(fail);
      this.connection.query<Answer & RowDataPacket[]>(sql, parameters as unknown[], (error, result) => {
        this.waiting.delete(fail);
        if (error) fail(this.judged(error));
        else {
          clearTimeout(timer);
          this.owner.answered?.();
          resolve(result);
        }
        if (!this.busy) this.onIdle?.(); // last, so that whoever ran the statement learns its outcome first
      });
    });
  }

  /** Says goodbye to the server; one that does not answer does not keep the process. */
  end(): void {
    if (this.lostBy) return;
    this.lostBy = fatal('the connection was closed');
    this.connection.end();
    setTimeout(() => this.socket?.destroy(), GOODBYE_MS).unref();
    this.owner.lost(this);
  }

  /** Hangs up at once; whoever waits for an answer is told that the connection is lost. */
  destroy(reason: Error = fatal('the connection was given up')): void {
    this.lose(reason);
  }

  private get socket(): Socket | undefined {
    return (this.connection as { stream?: Socket }).stream;
  }

  private judged(error: DriverError): Error {
    if (fateOf(error) === 'lost') this.lose(error);
    return error;
  }

  private lose(reason: DriverError): void {
    if (this.lostBy) return;
    this.lostBy = Object.assign(reason, { fatal: true });
    this.connection.destroy();
    this.socket?.destroy(); // the driver only half-closes it
    for (const reject of this.waiting) reject(this.lostBy);
    this.waiting.clear();
    this.onIdle?.();
    this.owner.lost(this);
  }
}

const fatal = (message: string, code?: string): DriverError => Object.assign(new Error(message), { code, fatal: true });

/** How the driver connects. Sums and counts come as numbers, as from the embedded store; only what a number cannot hold is a text. */
export const connectionOf = ({ host, port }: Address, login: Login, server: ServerOptions): ConnectionOptions => ({
  host,
  port,
  user: login.user,
  password: login.password,
  database: server.database,
  charset: 'utf8mb4',
  timezone: 'Z',
  connectTimeout: 0, // Link has its own, for the session's setup too
  enableKeepAlive: true,
  keepAliveInitialDelay: KEEP_ALIVE_MS,
  supportBigNumbers: true,
  bigNumberStrings: false,
  decimalNumbers: true,
  stringifyObjects: true,
  flags: ['-LOCAL_FILES'],
  ...(server.ca === undefined
    ? {}
    : { ssl: { ca: server.ca, rejectUnauthorized: true, verifyIdentity: server.verifyHost ?? true } }),
});
