import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { control, down, runFolder, up } from './infra.scripts.js';
import { SERVERS, type ServerName, type Servers } from './infra.servers.js';

/** How a server stops: in good order, as `kill -9`, or frozen (it keeps its connections and answers nobody). */
export type StopSignal = 'SIGTERM' | 'SIGKILL' | 'SIGSTOP';

/** One process of a server: a broker, a primary, a replica. */
export interface ServerNode {
  /** `1`, `2`, ... of a cluster; `primary` or `replica`; else the server's own name. */
  name: string;
  /** Resolves when it has ended, or at once for SIGSTOP. */
  stop(signal?: StopSignal): Promise<void>;
  /** Starts it again on the same port and data, or wakes it; resolves when it answers. */
  start(): Promise<void>;
}

/** A server that belongs to one suite. */
export interface OwnServer {
  nodes: readonly ServerNode[];
  /** Stops all its processes. */
  stop(signal?: StopSignal): Promise<void>;
  /** Starts all its processes again. */
  start(): Promise<void>;
  /** Ends it and deletes its data. */
  remove(): Promise<void>;
}

/** Starts a server that the suite may stop, freeze and start again; takes seconds. Not for a server that the environment names: this one is always new. */
export async function ownServer<N extends ServerName>(name: N): Promise<Servers[N] & OwnServer> {
  const { script, read } = SERVERS[name];
  const folder = join(runFolder(), `own-${randomBytes(4).toString('hex')}`);
  const server = read(await up(folder, script));
  const nodes = foldersOf(join(folder, script)).map((path) => nodeAt(path));
  return {
    ...server,
    nodes,
    stop: async (signal) => void (await Promise.all(nodes.map((node) => node.stop(signal)))),
    start: async () => void (await Promise.all(nodes.map((node) => node.start()))),
    remove: () => down(folder),
  };
}

function nodeAt(path: string): ServerNode {
  return {
    name: path.split('/').at(-1)!,
    stop: (signal = 'SIGTERM') => control('stop', path, signal.slice('SIG'.length)),
    start: () => control('start', path),
  };
}

/** The folders of its processes: its own, or those below. */
function foldersOf(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  if (entries.some(({ name }) => name === 'run')) return [folder];
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .sort();
}
