import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DOMAINS } from '@nakku/config';
import { z } from 'zod';

/** What a backup's folder has beside the stores' files. */
export const MANIFEST = 'manifest.json';
/** How a backup's folder is called: the time of its cut, so that names sort by age. */
const NAME = /^nakku-\d{8}T\d{6}Z$/;

const storeSchema = z
  .object({
    domain: z.enum(DOMAINS),
    file: z.string(),
    bytes: z.number().int().nonnegative(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    /** The migrations that have run on it, in their order. */
    migrations: z.array(z.string()).min(1),
  })
  .refine(({ domain, file }) => file === fileOf(domain), 'its file is not named after its domain');

const manifestSchema = z.object({
  format: z.literal(1),
  /** The version that wrote the stores. */
  nakku: z.string(),
  takenAt: z.iso.datetime(),
  stores: z.array(storeSchema).min(1),
});

/** What a backup holds. */
export type Manifest = z.infer<typeof manifestSchema>;

/** The file of a domain's embedded store. */
export const fileOf = (domain: string): string => `${domain}.sqlite`;

/** An instant as names have it: `20261125T061500Z`. */
export const stampOf = (instant: Date): string => instant.toISOString().replaceAll(/[-:]|\.\d+/g, '');

/** The name of the backup of this instant. */
export const nameOf = (takenAt: Date): string => `nakku-${stampOf(takenAt)}`;

/** The backups in a folder, the oldest first. */
export const backupsIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => NAME.test(name) && existsSync(join(folder, name, MANIFEST)))
        .sort()
        .map((name) => join(folder, name))
    : [];

/** Reads what a backup holds; throws when it is none that this version understands. */
export function readManifest(backup: string): Manifest {
  const path = join(backup, MANIFEST);
  if (!existsSync(path)) throw new Error(`${backup} is no backup: it has no ${MANIFEST}`);
  const parsed = manifestSchema.safeParse(json(readFileSync(path, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new Error(`${path} cannot be used: ${z.prettifyError(parsed.error).replaceAll(/\s+/g, ' ')}`);
}

/** Throws when a file of the backup is not as it was written. */
export async function checkFiles(backup: string, { stores }: Manifest): Promise<void> {
  for (const { file, bytes, sha256 } of stores) {
    const path = join(backup, file);
    if (!existsSync(path)) throw new Error(`${path} is missing: the backup is not whole`);
    if (statSync(path).size !== bytes || (await sha256Of(path)) !== sha256)
      throw new Error(`${path} was changed since it was written: use another backup`);
  }
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
