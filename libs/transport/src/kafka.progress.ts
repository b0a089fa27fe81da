import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { typeOfError } from './kafka.errors.js';

/** After a broker has come or gone, a coordinator takes a moment to know its groups; kafkajs asks it once. */
const PAUSES_MS = [100, 200, 400, 800];
const MOVING = new Set(['NOT_COORDINATOR_FOR_GROUP', 'GROUP_LOAD_IN_PROGRESS', 'GROUP_COORDINATOR_NOT_AVAILABLE']);

type Offset = { partition: number; offset: string };
type End = { partition: number; high: string; low: string };

/** How many messages of each topic a group has not committed, by topic. */
export async function lagOf(admin: Admin, groupId: string, topics: readonly string[]): Promise<Map<string, number>> {
  const committed = await committedBy(admin, groupId, [...topics]);
  const rows = topics.map(async (topic) => {
    const ends = await admin.fetchTopicOffsets(topic);
    return [topic, behind(ends, committed.find((one) => one.topic === topic)?.partitions ?? [])] as const;
  });
  return new Map(await Promise.all(rows));
}

async function committedBy(admin: Admin, groupId: string, topics: string[]): ReturnType<Admin['fetchOffsets']> {
  for (const pause of PAUSES_MS)
    try {
      return await admin.fetchOffsets({ groupId, topics });
    } catch (error) {
      if (!MOVING.has(typeOfError(error) ?? '')) throw error;
      await sleep(pause);
    }
  return admin.fetchOffsets({ groupId, topics });
}

/** What was never committed begins with the first message that is still there (-1 says so). */
function behind(ends: readonly End[], committed: readonly Offset[]): number {
  const of = (wanted: number) => Number(committed.find(({ partition }) => partition === wanted)?.offset ?? -1);
  return ends.reduce(
    (sum, { partition, high, low }) => sum + Math.max(0, Number(high) - Math.max(Number(low), of(partition))),
    0,
  );
}
