import { randomBytes } from 'node:crypto';
import type { Keyv } from 'keyv';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { RedisConnection } from './redis.connection.js';

/** Longer than this nothing is kept, and versions are kept for twice as long: so no value outlives what says that it is outdated. */
const LONGEST_MS = 3600_000;
/** For how long a process trusts its memory while it hears of deletions (it may be deaf without knowing), and while it knows that it does not. */
const HEARING_MS = 4000;
const DEAF_MS = 1000;
/** For how long it takes the versions of prefixes from memory, while it hears. */
const VERSION_MS = 1000;
const CHANNEL = 'cache';
const MAX_DUE = 1000;

const Message = z.object({ from: z.string(), keys: z.array(z.string()), prefixes: z.array(z.string()) });

interface Kept {
  /** The version of the key when the value began to be loaded. */
  stamp: string;
  value?: unknown;
}

/** What was found under a key, and under which versions what is loaded for want of it may be kept. */
export interface Reading {
  hit?: { value: unknown; expiresAt: number };
  name: string;
  stamp: string;
  session: number;
}

/** What is deleted: one key, or all that begin with a prefix. */
export type Deletion = { key: string } | { prefix: string };

/** The memory level, as one that is told what to forget. */
export interface Memory {
  forget(key: string): void;
  forgetPrefix(prefix: string): void;
}

/**
 * The level that all processes share. Every key and every prefix of keys (up to a colon) has a version, which changes by each deletion.
 * A value carries the version of its key and has those of its prefixes in its name, all from before it was loaded: a load that began before
 * a deletion, wherever, is not found after it.
 */
export class SharedLevel {
  private readonly id = randomBytes(9).toString('base64url');
  private readonly prefixes = new LRUCache<string, string>({ max: 1000, ttl: VERSION_MS });
  /** Deletions that Redis has not confirmed yet. */
  private readonly due = new Map<string, Deletion>();
  private hears = false;
  private heard = 0;

  constructor(
    private readonly redis: RedisConnection,
    private readonly store: Keyv,
    private readonly memory: Memory,
  ) {
    redis.onUp(() => void redis.attempt(() => this.pay([...this.due.values()])));
    redis.subscribe(CHANNEL, {
      message: (text) => this.hear(text),
      live: () => this.listening(true),
      lost: () => this.listening(false),
    });
  }

  /** For how long at most, in milliseconds, the memory level may keep a value. */
  get memoryMs(): number {
    return this.hears ? HEARING_MS : DEAF_MS;
  }

  /** Undefined when Redis does not answer. */
  read(key: string): Promise<Reading | undefined> {
    return this.redis.attempt(async () => {
      const { session } = this.redis;
      await this.pay([...this.due.values()]);
      const name = await this.nameOf(key);
      const [version, kept] = await this.store.getMany<string | Kept>([versionOfKey(key), name], { raw: true });
      const stamp = typeof version?.value === 'string' ? version.value : '';
      return { name, stamp, session, ...hitOf(kept?.value, kept?.expires, stamp) };
    });
  }

  /** Keeps what was loaded after `reading` found nothing. */
  async write({ name, stamp, session }: Reading, value: unknown, ttlMs: number): Promise<void> {
    await this.redis.attempt(async () => {
      // What came up again may have lost the versions by which an outdated value is known.
      if (session !== this.redis.session) return;
      await this.store.set(name, { stamp, value } satisfies Kept, Math.min(Math.ceil(ttlMs), LONGEST_MS));
    });
  }

  /** Makes what is kept outdated, here and in the memory of other processes: now, or when Redis answers again. */
  async delete(deletion: Deletion): Promise<void> {
    const id = 'key' in deletion ? versionOfKey(deletion.key) : versionOfPrefix(deletion.prefix);
    if (this.due.size >= MAX_DUE) return this.deleteAll();
    this.due.set(id, deletion);
    if ('prefix' in deletion) this.forgetVersions();
    await this.redis.attempt(() => this.pay([deletion]));
  }

  private deleteAll(): Promise<void> {
    this.due.clear();
    return this.delete({ prefix: '' });
  }

  private async pay(deletions: Deletion[]): Promise<void> {
    if (deletions.length === 0) return;
    const keys = deletions.flatMap((deletion) => ('key' in deletion ? [deletion.key] : []));
    const prefixes = deletions.flatMap((deletion) => ('prefix' in deletion ? [deletion.prefix] : []));
    const ids = [...keys.map(versionOfKey), ...prefixes.map(versionOfPrefix)];
    await Promise.all(ids.map((id) => this.store.set(id, newVersion(), 2 * LONGEST_MS)));
    if (prefixes.length > 0) this.forgetVersions();
    await this.redis.publish(CHANNEL, JSON.stringify({ from: this.id, keys, prefixes }));
    for (const [id, deletion] of this.due) if (deletions.includes(deletion)) this.due.delete(id);
  }

  private async nameOf(key: string): Promise<string> {
    const versions = await Promise.all(prefixesOf(key).map((prefix) => this.versionOf(prefix)));
    // The braces put a value and the version of its key on the same node of a cluster.
    return `d{${key}}${versions.join('.')}`;
  }

  private async versionOf(prefix: string): Promise<string> {
    const known = this.prefixes.get(prefix);
    if (known !== undefined) return known;
    const { heard } = this;
    const version = (await this.store.get<string>(versionOfPrefix(prefix))) ?? '';
    if (this.hears && heard === this.heard) this.prefixes.set(prefix, version);
    return version;
  }

  private hear(text: string): void {
    const message = Message.safeParse(parsed(text));
    if (!message.success || message.data.from === this.id) return;
    const { keys, prefixes } = message.data;
    if (prefixes.length > 0) this.forgetVersions();
    for (const key of keys) this.memory.forget(key);
    for (const prefix of prefixes) this.memory.forgetPrefix(prefix);
  }

  private listening(hears: boolean): void {
    this.hears = hears;
    this.forgetVersions();
    this.memory.forgetPrefix('');
  }

  private forgetVersions(): void {
    this.heard++;
    this.prefixes.clear();
  }
}

const newVersion = (): string => randomBytes(9).toString('base64url');
const versionOfKey = (key: string): string => `v{${key}}`;
const versionOfPrefix = (prefix: string): string => `p{${prefix}}`;

/** Every part of the key that ends in a colon, and the empty one. */
const prefixesOf = (key: string): string[] => [
  '',
  ...[...key.matchAll(/:/g)].map(({ index }) => key.slice(0, index + 1)),
];

function hitOf(kept: unknown, expiresAt: number | undefined, stamp: string): Pick<Reading, 'hit'> {
  const { stamp: keptStamp, value } = (kept ?? {}) as Partial<Kept>;
  return keptStamp === stamp ? { hit: { value, expiresAt: expiresAt ?? 0 } } : {};
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
