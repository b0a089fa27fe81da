import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs';
import { type Connection, connect } from './store.connection.js';

/** A store's file, and where its copy goes; there must be nothing at `to`. */
export interface StoreCopy {
  file: string;
  to: string;
}

const PATIENCE_MS = 30_000;

interface Source extends StoreCopy {
  /** Holds the state of the file that is copied, and has the copy attached. */
  snapshot: Connection;
  /** Outside any transaction: sees whether somebody commits. */
  watch: Connection;
}

/**
 * Copies several embedded stores as they were at one instant, while their process goes on reading and writing: no lock is taken and no writer
 * waits. Tells of each as it is done; resolves to the instant. Throws when the stores never rest for a millisecond within 30 s.
 *
 * An event that one store has handled is thus in the copy of the store that published it, and none is missing from both.
 */
export async function copyStores(
  copies: readonly StoreCopy[],
  onCopied: (copy: StoreCopy) => void = () => undefined,
): Promise<Date> {
  const sources: Source[] = [];
  try {
    for (const copy of copies) sources.push(open(copy));
    const takenAt = await cut(sources);
    for (const { file, to, snapshot } of sources) {
      fill(snapshot);
      flush(to);
      onCopied({ file, to });
    }
    return takenAt;
  } finally {
    for (const { snapshot, watch } of sources) {
      snapshot.close();
      watch.close();
    }
  }
}

function open({ file, to }: StoreCopy): Source {
  if (!existsSync(file)) throw new Error(`${file} is missing`);
  if (existsSync(to)) throw new Error(`${to} is there already`);
  const [snapshot, watch] = [connect(file), connect(file)];
  for (const connection of [snapshot, watch]) connection.pragma('busy_timeout = 5000');
  snapshot.pragma('foreign_keys = OFF');
  snapshot.prepare('ATTACH ? AS copy').run([to]);
  // Nobody reads the copy before it is whole, and flush() puts it on the disk.
  for (const pragma of ['journal_mode = OFF', 'synchronous = OFF']) snapshot.pragma(`copy.${pragma}`);
  return { file, to, snapshot, watch };
}

/**
 * Begins to read all files at once: if no file has had a commit between the look before the first and the look after the last, then all
 * snapshots are of the same instant. If one had, it begins anew.
 */
async function cut(sources: readonly Source[]): Promise<Date> {
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until;) {
    const before = versions(sources);
    for (const { snapshot } of sources) {
      snapshot.exec('BEGIN');
      snapshot.prepare('SELECT count(*) FROM main.sqlite_master').all([]);
    }
    const takenAt = new Date();
    if (versions(sources) === before) return takenAt;
    for (const { snapshot } of sources) snapshot.exec('ROLLBACK');
    await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 5));
  }
  throw new Error('the stores are written to without a pause: try again when there is less to do');
}

/** Changes when anybody commits to any of the files. */
const versions = (sources: readonly Source[]): string =>
  sources.map(({ watch }) => (watch.pragma('data_version') as { data_version: number }[])[0]!.data_version).join();

interface SchemaRow {
  type: 'table' | 'index' | 'trigger' | 'view';
  name: string;
  sql: string | null;
}

/** What VACUUM INTO does, which cannot be had inside a transaction: the tables and their indexes, the rows, then what acts on rows. */
function fill(connection: Connection): void {
  const all = connection
    .prepare('SELECT type, name, sql FROM main.sqlite_master ORDER BY rowid')
    .all([]) as SchemaRow[];
  const own = all.filter(({ name, sql }) => sql !== null && !name.startsWith('sqlite_'));
  const tables = own.filter(({ type }) => type === 'table');
  const create = (...types: string[]) => {
    for (const { sql } of own.filter(({ type }) => types.includes(type))) connection.exec(inCopy(sql!));
  };
  create('table');
  create('index');
  for (const { name } of tables) connection.exec(`INSERT INTO copy.${quoted(name)} SELECT * FROM main.${quoted(name)}`);
  if (all.some(({ name }) => name === 'sqlite_sequence')) {
    connection.exec('DELETE FROM copy.sqlite_sequence');
    connection.exec('INSERT INTO copy.sqlite_sequence SELECT * FROM main.sqlite_sequence');
  }
  create('view', 'trigger');
  const [{ user_version: version }] = connection.pragma('main.user_version') as [{ user_version: number }];
  connection.exec('COMMIT');
  connection.pragma(`copy.user_version = ${version}`);
}

/** SQLite keeps these statements with their first words written out. */
const inCopy = (sql: string): string => sql.replace(/^(CREATE (?:TABLE|UNIQUE INDEX|INDEX|VIEW|TRIGGER)) /, '$1 copy.');

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function flush(file: string): void {
  const handle = openSync(file, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** What is wrong with a store's file (nothing in a sound one), and the names of the migrations that have run on it. */
export function examineStore(file: string): { problems: string[]; migrations: string[] } {
  const connection = connect(file);
  try {
    const lines = connection.pragma('integrity_check') as { integrity_check: string }[];
    const problems = lines.map((line) => line.integrity_check).filter((line) => line !== 'ok');
    const rows = connection.prepare('SELECT name FROM migrations ORDER BY id').all([]) as { name: string }[];
    return { problems, migrations: rows.map(({ name }) => name) };
  } catch (error) {
    return { problems: [(error as Error).message], migrations: [] };
  } finally {
    connection.close();
  }
}
