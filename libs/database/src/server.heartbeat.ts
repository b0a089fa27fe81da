import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import type { Link } from './server.link.js';

const BEAT_MS = 500;

/** One row, of which the age on a replica tells how far it is behind. Asking the server for it takes a privilege that services do not have. */
export class ReplicaHeartbeat1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const columns = [
      { name: 'id', type: 'int', isPrimary: true },
      { name: 'beat_at', type: 'bigint' },
    ];
    await runner.createTable(new Table({ name: 'replica_heartbeat', columns }), true);
    await runner.query('INSERT INTO replica_heartbeat (id, beat_at) VALUES (1, 0)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('replica_heartbeat');
  }
}

/** What the primary says: the last beat before this one, and what time it is; in milliseconds by its own clock. */
export interface Beat {
  beatAt: number;
  now: number;
}

/** Beats, unless another process has just done so: of those that meet here one changes the row. */
export async function beat(primary: Link, limitMs: number): Promise<Beat> {
  const [row] = (await primary.run(
    'SELECT beat_at AS beatAt, FLOOR(UNIX_TIMESTAMP(NOW(3)) * 1000) AS now FROM replica_heartbeat WHERE id = 1',
    [],
    limitMs,
  )) as Beat[];
  if (!row) throw new Error('replica_heartbeat has lost its row');
  if (Math.abs(row.now - row.beatAt) >= BEAT_MS) {
    await primary.run(
      'UPDATE replica_heartbeat SET beat_at = ? WHERE id = 1 AND beat_at = ?',
      [row.now, row.beatAt],
      limitMs,
    );
  }
  return row;
}

/** How far a replica is behind the primary, at most, in milliseconds: nothing if it has what the primary had before it beat. */
export async function lagOf(replica: Link, { beatAt, now }: Beat, limitMs: number): Promise<number> {
  const [row] = (await replica.run(
    'SELECT beat_at AS beatAt FROM replica_heartbeat WHERE id = 1',
    [],
    limitMs,
  )) as Beat[];
  if (!row) return Infinity;
  return row.beatAt >= beatAt ? 0 : now - row.beatAt;
}
