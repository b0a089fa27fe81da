import { Injectable } from '@nestjs/common';
import { type Algorithm, hash, verify } from '@node-rs/argon2';

/** OWASP's floor for argon2id: 19 MiB, two passes, one lane (Password Storage Cheat Sheet). */
const ARGON2ID = { algorithm: 2 satisfies Algorithm.Argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** A hash of nothing anybody knows: checked when there is no account, so that the answer takes as long. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$bm90aGluZ2tub3duaGVyZQ$0Bv1fS8v8Jm1u3o3qf3gq1b4Xl0i2vH6m2V1cR3h8uA';

/** Hashes and checks passwords (argon2id). About 24 ms of CPU each, off the event loop. */
@Injectable()
export class Passwords {
  hash(password: string): Promise<string> {
    return hash(typed(password), ARGON2ID);
  }

  /** False for a wrong password, and, after the same work, for an account without one. Throws when `stored` is not a hash. */
  async verify(stored: string | undefined, password: string): Promise<boolean> {
    const fits = await verify(stored ?? NOBODY, typed(password));
    return stored !== undefined && fits;
  }
}

/** Keyboards spell an accented letter in one or in two code points: both are the same password. */
const typed = (password: string): string => password.normalize('NFKC');
