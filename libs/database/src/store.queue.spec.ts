import { WriteQueue } from './store.queue.js';

/** A connection that writes down what it is told, and fails where `failOn` says so. */
function recorded(groupMs = Infinity) {
  const log: string[] = [];
  const failOn = new Set<string>();
  const exec = (sql: string): void => {
    log.push(sql);
    if (failOn.has(sql)) throw new Error(`${sql} failed`);
  };
  const connection = { exec, prepare: jest.fn(), pragma: jest.fn(), close: jest.fn() };
  const queue = new WriteQueue(connection, async () => exec('COMMIT'), groupMs);
  const commits = () => log.filter((sql) => sql === 'COMMIT').length;
  return { queue, log, failOn, commits };
}

async function write(queue: WriteQueue, { keep = true, lazy = false } = {}): Promise<string> {
  const turn = await queue.enter(lazy);
  await turn.end(keep);
  return 'done';
}

const outcomes = async (writes: Promise<string>[]): Promise<string[]> =>
  (await Promise.allSettled(writes)).map((write) =>
    write.status === 'fulfilled' ? write.value : String(write.reason),
  );

describe('the write queue', () => {
  it('commits what came together at once, at most 64 at a time', async () => {
    const { queue, commits } = recorded();
    await Promise.all(Array.from({ length: 130 }, () => write(queue)));
    expect(queue).toMatchObject({ transactions: 130, commits: 3, rollbacks: 0, length: 0 });
    expect(commits()).toBe(3);
  });

  it('answers nobody before the commit', async () => {
    const { queue, log } = recorded();
    await Promise.all([write(queue).then(() => log.push('answer')), write(queue).then(() => log.push('answer'))]);
    expect(log.slice(-3)).toEqual(['COMMIT', 'answer', 'answer']);
  });

  it('lets a peer that comes a turn later join', async () => {
    const { queue, commits } = recorded();
    const first = write(queue);
    await Promise.resolve();
    await Promise.all([first, write(queue)]);
    expect(commits()).toBe(1);
  });

  it('closes a group that has been open for long, so that nobody waits for 63 slow peers', async () => {
    const { queue, commits } = recorded(0);
    await Promise.all([write(queue), write(queue), write(queue)]);
    expect(commits()).toBe(3);
  });

  it('undoes a transaction that fails alone', async () => {
    const { queue, log } = recorded();
    await Promise.all([write(queue), write(queue, { keep: false })]);
    const body = ['SAVEPOINT body', 'RELEASE body'];
    expect(log).toEqual(['BEGIN IMMEDIATE', ...body, 'SAVEPOINT body', 'ROLLBACK TO body', 'RELEASE body', 'COMMIT']);
    expect(queue).toMatchObject({ commits: 1, rollbacks: 1 });
  });

  it('tells everybody in a group of its failed commit, and serves the next group', async () => {
    const { queue, log, failOn } = recorded();
    failOn.add('COMMIT');
    const failed = 'Error: the group of transactions was rolled back: COMMIT failed';
    expect(await outcomes([write(queue), write(queue)])).toEqual([failed, failed]);
    expect(log.at(-1)).toBe('ROLLBACK');
    failOn.clear();
    expect(await write(queue)).toBe('done');
  });

  it.each(['ROLLBACK TO body', 'RELEASE body'])('gives up the whole group when %s fails', async (sql) => {
    const { queue, commits, failOn } = recorded();
    failOn.add(sql);
    const failed = `Error: the group of transactions was rolled back: ${sql} failed`;
    const writes = [write(queue, { keep: false }), write(queue, { keep: false })];
    expect(await outcomes(writes)).toEqual([failed, failed]);
    expect(commits()).toBe(0);
  });

  it('refuses whoever waits when no transaction can begin', async () => {
    const { queue, failOn } = recorded();
    failOn.add('BEGIN IMMEDIATE');
    const failed = 'Error: the group of transactions was rolled back: BEGIN IMMEDIATE failed';
    expect(await outcomes([write(queue), write(queue, { lazy: true })])).toEqual([failed, failed]);
    failOn.clear();
    expect(await write(queue)).toBe('done');
  });

  it('lets a lazy transaction share the commit of another', async () => {
    const { queue, commits } = recorded();
    const lazy = write(queue, { lazy: true });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(commits()).toBe(0);
    await write(queue);
    await lazy;
    expect(commits()).toBe(1);
  });

  it('runs a lazy transaction after a while though nobody else comes, and at once when it is to become idle', async () => {
    const { queue } = recorded();
    const startedAt = performance.now();
    await write(queue, { lazy: true });
    expect(performance.now() - startedAt).toBeGreaterThan(40);
    const last = write(queue, { lazy: true });
    await queue.idle();
    expect(queue).toMatchObject({ commits: 2, length: 0 });
    await last;
  });
});
