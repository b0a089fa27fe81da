import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DOMAINS } from '@nakku/config';
import { copyStores, examineStore } from '@nakku/database';
import { backupsIn, fileOf, type Manifest, MANIFEST, nameOf, sha256Of } from './manifest.js';

const PARTIAL = '.nakku-partial-';
const MB = 1_000_000;

export interface BackUpOptions {
  /** The folder of the embedded stores. */
  dataDir: string;
  /** The folder of the backups; each becomes a folder in it. */
  to: string;
  /** How many backups stay there, this one included; all without it. */
  keep?: number;
  /** The version of Nakku that is running. */
  version: string;
  tell: (line: string) => void;
}

/**
 * Backs up the embedded stores as they are at one instant; the server may run and take orders. Gives the folder of the new backup, which
 * appears under its name only when it is whole, checked and on the disk.
 */
export async function backUp({ dataDir, to, keep, version, tell }: BackUpOptions): Promise<string> {
  const domains = DOMAINS.filter((domain) => existsSync(join(dataDir, fileOf(domain))));
  if (domains.length === 0)
    throw new Error(`${dataDir} has no stores (DATA_DIR says where they are; MySQL is backed up by deploy/backup)`);
  mkdirSync(to, { recursive: true, mode: 0o700 });
  requireRoom(dataDir, to);
  const partial = join(to, `${PARTIAL}${process.pid}`);
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { mode: 0o700 });
  try {
    const takenAt = await copyInto(partial, dataDir, domains, tell);
    const stores = await describe(partial, domains);
    const manifest: Manifest = { format: 1, nakku: version, takenAt: takenAt.toISOString(), stores };
    writeFileSync(join(partial, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true });
    const backup = join(to, nameOf(takenAt));
    if (existsSync(backup)) throw new Error(`${backup} was made in this same second: wait for the next`);
    renameSync(partial, backup);
    if (keep !== undefined) prune(to, keep, tell);
    return backup;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

async function copyInto(
  folder: string,
  dataDir: string,
  domains: readonly string[],
  tell: (line: string) => void,
): Promise<Date> {
  const copies = domains.map((domain) => ({
    file: join(dataDir, fileOf(domain)),
    to: join(folder, fileOf(domain)),
  }));
  let done = 0;
  return copyStores(copies, ({ to }) =>
    tell(`${++done}/${copies.length} ${basename(to)}, ${(statSync(to).size / MB).toFixed(1)} MB`),
  );
}

async function describe(folder: string, domains: readonly (typeof DOMAINS)[number][]): Promise<Manifest['stores']> {
  const stores: Manifest['stores'] = [];
  for (const domain of domains) {
    const file = fileOf(domain);
    const path = join(folder, file);
    const { problems, migrations } = examineStore(path);
    if (problems.length > 0)
      throw new Error(`${file} is damaged (${problems[0]}): keep the backups that you have, and look at the disk`);
    stores.push({ domain, file, bytes: statSync(path).size, sha256: await sha256Of(path), migrations });
  }
  return stores;
}

function requireRoom(dataDir: string, to: string): void {
  const { bavail, bsize } = statfsSync(to);
  const sizes = readdirSync(dataDir)
    .filter((name) => /\.sqlite(-wal)?$/.test(name))
    .map((name) => statSync(join(dataDir, name)).size);
  const needed = sizes.reduce((sum, bytes) => sum + bytes, 0);
  if (needed > bavail * bsize)
    throw new Error(
      `${to} has ${Math.floor((bavail * bsize) / MB)} MB left; up to ${Math.ceil(needed / MB)} are needed`,
    );
}

/** Removes the oldest backups beyond `keep`, and what a run that was killed has left. */
function prune(to: string, keep: number, tell: (line: string) => void): void {
  const old = backupsIn(to).slice(0, -keep);
  const leftovers = readdirSync(to).filter((name) => name.startsWith(PARTIAL) && !alive(name));
  for (const path of [...old, ...leftovers.map((name) => join(to, name))]) {
    rmSync(path, { recursive: true, force: true });
    tell(`removed ${path}`);
  }
}

function alive(name: string): boolean {
  try {
    return process.kill(Number(name.slice(PARTIAL.length)), 0);
  } catch {
    return false;
  }
}
