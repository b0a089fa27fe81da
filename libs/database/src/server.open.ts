import { ServerDatabase } from './server.database.js';
import { prepare, sourceOn } from './server.migrate.js';
import type { ServerOptions } from './server.options.js';
import { Replicas } from './server.replicas.js';
import { poolOf } from './server.source.js';
import type { Database, OpenOptions } from './store.database.js';

/** Opens a domain's database on its server, migrated. Throws, with one line, when that cannot be done. */
export async function openServer(options: OpenOptions, server: ServerOptions): Promise<Database> {
  await prepare({ ...options, server });
  const pool = poolOf(server);
  try {
    const link = await pool.acquire();
    const source = await sourceOn(link, { ...options, server });
    pool.release(link);
    return new ServerDatabase(options, source, pool, server.replicas?.length ? new Replicas(server) : undefined);
  } catch (error) {
    pool.close();
    throw error;
  }
}
