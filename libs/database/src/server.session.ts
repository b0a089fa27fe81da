import { QueryFailedError } from 'typeorm';
import type { QueryResult } from 'typeorm/query-runner/QueryResult.js';
import type { Link } from './server.link.js';
import type { Pool } from './server.pool.js';
import { linkOf, resultOf } from './server.statement.js';
import { overError } from './store.body.js';
import { DatabaseUnavailable, type DriverError, fateOf } from './store.errors.js';

/** A COMMIT that has no answer by then is as good as lost. */
const COMMIT_MS = 10_000;
const ROLLBACK_MS = 2000;

/** The connection of one transaction, from its first statement on: work that only computes, or waits for something else first, holds none. */
export class Session {
  private opening?: Promise<Link>;
  private link?: Link;
  private doom?: Error;

  constructor(
    private readonly pool: Pool,
    private readonly name: string,
  ) {}

  /** Set when the server has ended the transaction, or is gone: it cannot be committed whatever its work says. */
  get doomed(): Error | undefined {
    return this.doom;
  }

  /** Whether it waits for the server. */
  get busy(): boolean {
    return this.link ? this.link.busy : this.opening !== undefined;
  }

  /** One statement. When one dooms the transaction the later ones are refused: the server would run each as a transaction of its own. */
  async run(sql: string, parameters: readonly unknown[] = []): Promise<QueryResult> {
    const link = this.link ?? (await this.open());
    if (this.doom) throw this.doom;
    try {
      return resultOf(await link.run(sql, parameters));
    } catch (error) {
      throw this.judge(sql, parameters, error as DriverError);
    }
  }

  /** Throws unless the server has said that the transaction is durable. */
  async commit(): Promise<void> {
    const link = this.link ?? (await this.opening);
    await link?.idle(); // what the work did not await may still fail
    if (this.doom) throw this.doom;
    if (!link) return;
    try {
      await link.run('COMMIT', [], COMMIT_MS);
    } catch (error) {
      throw this.refused(error as DriverError);
    }
    this.pool.release(link);
  }

  /** Undoes everything; a connection that is busy with a statement is given up, and the server then does the same. */
  async rollback(): Promise<void> {
    this.doom ??= overError();
    if (this.link) return this.undo(this.link);
    this.opening?.then(
      (link) => this.undo(link),
      () => undefined,
    );
  }

  private async undo(link: Link): Promise<void> {
    if (link.lost) return;
    if (link.busy) return link.destroy();
    try {
      await link.run('ROLLBACK', [], ROLLBACK_MS);
    } catch {
      return link.destroy();
    }
    this.pool.release(link);
  }

  private open(): Promise<Link> {
    this.opening ??= this.begin();
    return this.opening;
  }

  private async begin(): Promise<Link> {
    try {
      this.link = await this.begun(await linkOf(this.pool, this.name));
      return this.link;
    } catch (error) {
      this.doom ??= error as Error;
      throw this.doom;
    }
  }

  private async begun(link: Link): Promise<Link> {
    try {
      await link.run('START TRANSACTION');
      return link;
    } catch (error) {
      link.destroy();
      throw this.unavailable('was lost', true, error);
    }
  }

  private judge(sql: string, parameters: readonly unknown[], error: DriverError): Error {
    const fate = fateOf(error);
    const failed =
      fate === 'lost' ? this.unavailable('was lost', true, error) : new QueryFailedError(sql, [...parameters], error);
    if (fate) this.doom ??= failed;
    return failed;
  }

  /** Only an answer tells what became of a COMMIT. Without one it may be durable or not, and nobody may run it again. */
  private refused(error: DriverError): Error {
    return fateOf(error) === 'lost'
      ? this.unavailable('was lost during a commit, which may have happened or not', false, error)
      : new QueryFailedError('COMMIT', [], error);
  }

  private unavailable(what: string, again: boolean, cause: unknown): DatabaseUnavailable {
    return new DatabaseUnavailable(`the ${this.name} database ${what}`, again, cause);
  }
}
