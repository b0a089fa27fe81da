/** How far a partition has been read and handled. Offsets are far below 2^53. */
class Progress {
  /** Handed to lanes and not handled yet, whoever's generation of the group they are from. */
  readonly running = new Set<number>();
  /** The offset after the last one that was handed over; -1 before the first of this generation. */
  next = -1;
  /** What the group has committed as far as we know: the offset that this generation began to read at, and then what we have committed. */
  committed = -1;

  /** Everything below this offset is handled. */
  get mark(): number {
    let lowest = this.next;
    for (const offset of this.running) if (offset < lowest) lowest = offset;
    return lowest;
  }
}

/**
 * The low-water marks of a consumer: what may be committed is the lowest offset below which everything is handled, though lanes end in any
 * order. A mark never passes a message that runs, not even one that was handed over before a rebalance and comes again after it; so no
 * commit, however late, can lose one. What is read twice by that is dropped by the inbox.
 */
export class Offsets {
  private readonly partitions = new Map<string, Map<number, Progress>>();

  /** The group was rebalanced: reading begins again at what is committed. Forgets partitions that went to others, unless something still runs. */
  rebalanced(assigned: Readonly<Record<string, number[]>>): void {
    for (const [topic, partitions] of this.partitions)
      for (const [partition, progress] of partitions) {
        progress.next = progress.committed = -1;
        if (progress.running.size === 0 && !assigned[topic]?.includes(partition)) partitions.delete(partition);
      }
  }

  /** A message is handed over. False when it still runs from before a rebalance: it must not be handed over again. */
  begin(topic: string, partition: number, offset: number): boolean {
    const progress = this.of(topic, partition);
    this.read(topic, partition, offset, offset + 1);
    if (progress.running.has(offset)) return false;
    progress.running.add(offset);
    return true;
  }

  /** Everything from `from` up to, not including, `next` was looked at: what was not handed over needs nothing. */
  read(topic: string, partition: number, from: number, next: number): void {
    const progress = this.of(topic, partition);
    if (progress.committed < 0 || next < progress.next) progress.committed = from; // reading began, or began anew
    progress.next = next;
  }

  /** The message is handled. */
  end(topic: string, partition: number, offset: number): void {
    this.of(topic, partition).running.delete(offset);
  }

  /** What can be committed and was not. */
  uncommitted(): { topic: string; partition: number; offset: string }[] {
    const marks = [];
    for (const [topic, partitions] of this.partitions)
      for (const [partition, progress] of partitions)
        if (progress.mark > progress.committed) marks.push({ topic, partition, offset: String(progress.mark) });
    return marks;
  }

  /** These were committed. */
  committed(marks: readonly { topic: string; partition: number; offset: string }[]): void {
    for (const { topic, partition, offset } of marks) {
      const progress = this.of(topic, partition);
      if (progress.committed >= 0) progress.committed = Math.max(progress.committed, Number(offset));
    }
  }

  private of(topic: string, partition: number): Progress {
    let partitions = this.partitions.get(topic);
    if (!partitions) this.partitions.set(topic, (partitions = new Map<number, Progress>()));
    let progress = partitions.get(partition);
    if (!progress) partitions.set(partition, (progress = new Progress()));
    return progress;
  }
}
