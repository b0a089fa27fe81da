import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Domain, DOMAINS, Environment } from '@nakku/config';
import { lockFile, namesOf } from '@nakku/database';
import { storeOf } from '@nakku/runtime';
// Loads the domains, which declare their migrations.
import '../index.js';
import { backupsIn, checkFiles, fileOf, type Manifest, MANIFEST, readManifest, stampOf } from './manifest.js';

const INCOMING = '.restoring-';

export interface RestoreOptions {
  /** Where the embedded stores go. */
  dataDir: string;
  /** A backup, or a folder of backups, of which the newest is taken. */
  from: string;
  /** Moves stores that are there aside; without it they are a reason to refuse. */
  force?: boolean;
  tell: (line: string) => void;
}

/** Puts the stores of a backup into the data folder. No server may have it open. Everything is checked before anything is touched. */
export async function restore({ dataDir, from, force = false, tell }: RestoreOptions): Promise<Manifest> {
  const backup = existsSync(join(from, MANIFEST)) ? from : backupsIn(from).at(-1);
  if (!backup) throw new Error(`${from} is neither a backup nor a folder that has one`);
  const manifest = readManifest(backup);
  requireKnown(manifest);
  await checkFiles(backup, manifest);
  tell(`${backup}: ${manifest.stores.length} stores of ${manifest.takenAt}, all as they were written`);
  mkdirSync(dataDir, { recursive: true });
  const release = lockAll(dataDir);
  try {
    const present = filesOf(dataDir);
    if (present.length > 0 && !force)
      throw new Error(`${dataDir} has stores already (${present[0]}): --force moves them aside`);
    bringIn(backup, dataDir, manifest);
    if (present.length > 0) tell(`what was there is in ${moveAside(dataDir, present)}`);
    for (const { file } of manifest.stores) renameSync(join(dataDir, INCOMING + file), join(dataDir, file));
    flush(dataDir);
    return manifest;
  } finally {
    for (const { file } of manifest.stores) rmSync(join(dataDir, INCOMING + file), { force: true });
    release();
  }
}

/** A store that a later version has migrated would not fit the tables that this one expects. */
function requireKnown({ nakku, stores }: Manifest): void {
  for (const { domain, migrations } of stores) {
    const known = new Set(namesOf(storeOf(domain, new Environment({})).migrations));
    const unknown = migrations.find((name) => !known.has(name));
    if (unknown)
      throw new Error(`the backup is of a later version (${nakku}): this one does not know ${unknown} of ${domain}`);
  }
}

/** Holds what a running server would hold. */
function lockAll(dataDir: string): () => void {
  const locks: { close(): void }[] = [];
  const release = () => locks.forEach((lock) => lock.close());
  try {
    for (const domain of DOMAINS) locks.push(lockFile(join(dataDir, `${fileOf(domain)}.lock`), domain));
    return release;
  } catch (error) {
    release();
    throw new Error(`stop the server first: ${(error as Error).message}`, { cause: error });
  }
}

/** The log of an old store beside a restored one would be applied to it: it belongs to what is moved. */
const filesOf = (dataDir: string): string[] =>
  DOMAINS.flatMap((domain: Domain) => ['', '-wal', '-shm'].map((end) => fileOf(domain) + end)).filter((name) =>
    existsSync(join(dataDir, name)),
  );

function bringIn(backup: string, dataDir: string, { stores }: Manifest): void {
  for (const { file } of stores) {
    const to = join(dataDir, INCOMING + file);
    rmSync(to, { force: true });
    copyFileSync(join(backup, file), to, constants.COPYFILE_EXCL);
    flush(to);
  }
}

function moveAside(dataDir: string, files: readonly string[]): string {
  const aside = join(dataDir, `before-restore-${stampOf(new Date())}`);
  mkdirSync(aside, { mode: 0o700 });
  for (const file of files) renameSync(join(dataDir, file), join(aside, file));
  return aside;
}

function flush(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
