import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { availableServers, dropPrefix, eventually, freshPrefix, namesWith, requireServers } from '@nakku/testing';
import { closeDatabases, openDatabases, orderCreated, processOn, type Where } from './city.fixture.js';

const RATE = Number(process.env.LATENCY_RATE ?? 50);
const SECONDS = Number(process.env.LATENCY_SECONDS ?? 3);

const kafka = availableServers('kafka');
const mysql = availableServers('mysql');
const WAYS = [
  { store: 'embedded', way: 'in-process' },
  ...kafka.map((way) => ({ store: 'embedded', way })),
  ...mysql.map((store) => ({ store, way: 'in-process' })),
  ...mysql.flatMap((store) => kafka.map((way) => ({ store, way }))),
];

const at = (sorted: number[], share: number) => sorted[Math.floor(sorted.length * share)]!.toFixed(1);

/** Prints figures, and expects none: how fast a machine is, is no property of the code. */
describe('from the commit of an event to the call of its handler', () => {
  it.each(WAYS)('it takes so long by $way on $store', async ({ store, way }) => {
    const prefix = freshPrefix();
    const broker = way === 'kafka' ? (await requireServers('kafka')).kafka : undefined;
    const server = store === 'mysql' ? (await requireServers('mysql')).mysql : undefined;
    const dataDir = mkdtempSync(join(tmpdir(), 'nakku-test-'));
    const where: Where = server ? { server, prefix } : { dataDir };
    const databases = await openDatabases(where);
    const committed = new Map<string, number>();
    const latencies: number[] = [];
    const cart = async ({ subject }: { subject: string }) =>
      void latencies.push(performance.now() - committed.get(subject)!);
    const process = processOn(databases, { cart }, broker ? { ...broker.env, ...namesWith(prefix) } : {});
    const publish = (key: string) =>
      databases.order.transaction(async () => {
        databases.order.afterCommit(() => committed.set(key, performance.now()));
        await process.bus.publish(orderCreated({ orderId: key, step: 0 }));
      });
    await process.start();
    await publish('first');
    await eventually('the first', async () => latencies.length === 1);
    latencies.length = 0;
    const published: Promise<void>[] = [];
    for (let n = 0; n < RATE * SECONDS; n++) {
      published.push(publish(`k${n}`));
      await sleep(1000 / RATE);
    }
    await Promise.all(published);
    await eventually('all', async () => latencies.length >= published.length);
    latencies.sort((x, y) => x - y);
    console.log(
      `${way} on ${store}, ${RATE}/s: p50 ${at(latencies, 0.5)} ms, p99 ${at(latencies, 0.99)} ms, max ${at(latencies, 0.9999)} ms`,
    );
    expect(latencies).toHaveLength(published.length);
    await process.close();
    await closeDatabases(databases);
    rmSync(dataDir, { recursive: true, force: true });
    await dropPrefix(prefix, ...(broker ? [broker] : []), ...(server ? [server] : []));
  });
});
