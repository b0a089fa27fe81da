import { setTimeout as sleep } from 'node:timers/promises';

/** Runs `operation(worker)` in `concurrency` endless loops for `seconds`; an operation that throws counts as an error. */
export async function closedLoop(concurrency, seconds, operation) {
  const latencies = [];
  let errors = 0;
  const startedAt = performance.now();
  const end = startedAt + seconds * 1000;
  const loop = async (worker) => {
    while (performance.now() < end) {
      const t = performance.now();
      try {
        await operation(worker);
        latencies.push(performance.now() - t);
      } catch (error) {
        errors++;
        if (errors === 1) process.stderr.write(`first error: ${error.message}\n`);
        await sleep(10);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, (_, worker) => loop(worker)));
  return summary(latencies, errors, (performance.now() - startedAt) / 1000);
}

/** Runs `operation(item)` once for every item, `concurrency` at a time. */
export async function forEach(items, concurrency, operation) {
  const latencies = [];
  let errors = 0;
  const queue = [...items];
  const startedAt = performance.now();
  const loop = async () => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) {
      const t = performance.now();
      try {
        await operation(item);
        latencies.push(performance.now() - t);
      } catch (error) {
        errors++;
        if (errors === 1) process.stderr.write(`first error: ${error.message}\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  return { latencies, errors, seconds: (performance.now() - startedAt) / 1000 };
}

/** Throughput and percentiles (milliseconds). */
export function summary(latencies, errors, seconds) {
  const sorted = [...latencies].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    operations: sorted.length,
    errors,
    perSecond: sorted.length / seconds,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
  };
}

/** Starts `operation(item)` for one item after the other at a steady `rate` a second, whether or not the ones before have ended (an open loop). */
export async function openLoop(items, rate, operation) {
  const latencies = [];
  let errors = 0;
  const startedAt = performance.now();
  const one = async (item) => {
    const t = performance.now();
    try {
      await operation(item);
      latencies.push(performance.now() - t);
    } catch (error) {
      errors++;
      if (errors === 1) process.stderr.write(`first error: ${error.message}\n`);
    }
  };
  const running = [];
  for (const [i, item] of items.entries()) {
    const wait = startedAt + (i * 1000) / rate - performance.now();
    if (wait > 0) await sleep(wait);
    running.push(one(item));
  }
  await Promise.all(running);
  return summary(latencies, errors, (performance.now() - startedAt) / 1000);
}
