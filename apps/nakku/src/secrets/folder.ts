import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../terminal/failure.js';

/** Containers of other users have single files of it: each may be read by all, and the folder entered by its owner alone. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o444;

/** A folder of secrets, a file each. */
export class SecretsFolder {
  constructor(readonly path: string) {}

  /** The content of a secret without blanks around it; undefined when it is missing or empty. */
  read(name: string): string | undefined {
    const file = join(this.path, name);
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat) return undefined;
    if (!stat.isFile())
      throw new Failure(
        `${file} is a folder: a container was started before the secrets were made. Remove it and try again`,
      );
    return readFileSync(file, 'utf8').trim() || undefined;
  }

  /** Makes the folder, and takes it from the eyes of others. */
  prepare(): void {
    mkdirSync(this.path, { recursive: true, mode: FOLDER_MODE });
    if ((statSync(this.path).mode & 0o777) !== FOLDER_MODE) chmodSync(this.path, FOLDER_MODE);
  }

  /** Writes a secret that is missing or empty, whole or not at all. Never replaces one, not even one that was made a moment ago. */
  add(name: string, content: string): void {
    const file = join(this.path, name);
    const draft = join(this.path, `.${name}.${process.pid}`);
    if (this.read(name) === undefined) rmSync(file, { force: true });
    writeFileSync(draft, content, { mode: FILE_MODE, flag: 'wx' });
    try {
      chmodSync(draft, FILE_MODE);
      linkSync(draft, file);
    } finally {
      rmSync(draft);
    }
  }
}
