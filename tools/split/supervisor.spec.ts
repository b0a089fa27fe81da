import { eventually } from '@nakku/testing';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Fake {
  name: string;
  args: string[];
  command?: string;
  stage?: number;
}
interface Entry {
  child: { pid: number; kill(signal: string): void };
  ended: Promise<string>;
}
interface SupervisorLike {
  failed: boolean;
  children: Map<string, Entry>;
  start(one: Fake): Entry;
  run(one: Fake): Promise<void>;
  untilReady(expected: { name: string; url: string }[], ms?: number): Promise<void>;
  stop(): Promise<void>;
  end(): Promise<void>;
}
const { Supervisor } = jest.requireActual<{ Supervisor: new (options: object) => SupervisorLike }>('./supervisor.cjs');

const node = (name: string, code: string, stage?: number): Fake => ({ name, args: ['-e', code], stage });
/** Says that it runs, and on SIGTERM that it stops. */
const SERVICE = `
  process.on('SIGTERM', () => setTimeout(() => { console.log('goodbye'); process.exit(0); }, 50));
  setInterval(() => {}, 1000);
  console.log('running');`;
const STUBBORN = `process.on('SIGTERM', () => console.log('no')); setInterval(() => {}, 1000); console.log('running');`;

describe('the supervisor of start:split', () => {
  let output: string;
  const supervise = (options: object = {}) =>
    new Supervisor({ write: (text: string) => (output += text), names: ['order', 'notification'], ...options });
  const lines = () => output.trimEnd().split('\n');
  const printed = (text: string) => eventually(`"${text}"`, async () => output.includes(text));

  beforeEach(() => (output = ''));

  it('puts the name of the service before each line, of both streams, whatever pieces they come in', async () => {
    const supervisor = supervise();
    const talk = `process.stdout.write('one\\ntw'); setTimeout(() => { process.stdout.write('o\\n'); console.error('three'); }, 50);`;
    await supervisor.run(node('order', talk));
    expect(lines().sort()).toEqual(['order        | one', 'order        | three', 'order        | two']);
  });

  it('gives each service a colour where there is a terminal', async () => {
    await supervise({ colour: true }).run(node('order', `console.log('hello')`));
    expect(output).toBe('\u001b[36morder       \u001b[0m | hello\n');
  });

  it.each([
    ['an exit code', `console.log('oh'); process.exit(7)`, 'order ended with exit code 7'],
    ['a signal', `process.kill(process.pid, 'SIGKILL')`, 'order was killed by SIGKILL'],
  ])('says who ended and how, after their last words: %s', async (_, code, told) => {
    const supervisor = supervise();
    const { child } = supervisor.start(node('notification', SERVICE));
    await printed('running'); // or its first line may come after the last one of order
    supervisor.start(node('order', code));
    await printed(told);
    expect(lines().at(-1)).toBe(`split        | ${told}`);
    expect(supervisor.failed).toBe(true);
    expect(() => process.kill(child.pid, 0)).not.toThrow(); // nobody else is touched, and nobody started again
    expect([...supervisor.children.keys()]).toEqual(['notification']);
    await supervisor.stop();
  });

  it('says that a command is not there', async () => {
    await expect(supervise().run({ name: 'order', command: '/no/such', args: [] })).rejects.toThrow(
      /order could not be started: .*ENOENT/,
    );
  });

  it('stops the gateway before the services behind it, in good order', async () => {
    const supervisor = supervise();
    supervisor.start(node('gateway', SERVICE, 0));
    supervisor.start(node('order', SERVICE, 1));
    await eventually('the start', async () => output.match(/running/g)?.length === 2);
    await supervisor.stop();
    await supervisor.end();
    expect(lines().slice(-2)).toEqual(['gateway      | goodbye', 'order        | goodbye']);
    expect(supervisor.failed).toBe(false);
  });

  it('kills who does not stop within the grace, and says so', async () => {
    const supervisor = supervise({ graceMs: 200 });
    supervisor.start(node('order', STUBBORN));
    await printed('running');
    await supervisor.stop();
    expect(lines().at(-1)).toBe('split        | order did not stop in time: killed');
    expect(supervisor.failed).toBe(true);
    expect(supervisor.children.size).toBe(0);
  });

  it('kills at once when it is asked a second time', async () => {
    const supervisor = supervise();
    supervisor.start(node('order', STUBBORN));
    await printed('running');
    const stopped = supervisor.stop();
    await printed('no');
    await supervisor.stop();
    await stopped;
    expect(supervisor.children.size).toBe(0);
  });

  describe('waiting for health', () => {
    let server: Server;
    let url: string;
    let status: number;
    beforeEach(async () => {
      status = 503;
      server = createServer((_, response) => response.writeHead(status).end()).listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
    });
    afterEach(() => new Promise((resolve) => server.close(resolve)));

    it('ends when everybody answers 200', async () => {
      const supervisor = supervise();
      supervisor.start(node('order', SERVICE));
      let ready = false;
      const waiting = supervisor.untilReady([{ name: 'order', url }]).then(() => (ready = true));
      await printed('running');
      expect(ready).toBe(false);
      status = 200;
      await waiting;
      expect(lines().at(-1)).toBe('split        | order is ready (1 of 1)');
      await supervisor.stop();
    });

    it('fails when one of them ends before that', async () => {
      const supervisor = supervise();
      supervisor.start(node('order', `console.error('PORT must be free'); process.exit(1)`));
      await expect(supervisor.untilReady([{ name: 'order', url }])).rejects.toThrow('order did not start');
      expect(lines()).toEqual(['order        | PORT must be free', 'split        | order ended with exit code 1']);
    });

    it('fails when one of them takes too long', async () => {
      const supervisor = supervise();
      supervisor.start(node('order', SERVICE));
      await expect(supervisor.untilReady([{ name: 'order', url }], 300)).rejects.toThrow('not ready within 0.3 s');
      await supervisor.stop();
    });
  });
});
