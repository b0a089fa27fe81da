import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreSettings, Environment } from '@nakku/config';
import { plan, readTopology, SERVICES } from './topology.js';

describe('the topology', () => {
  const core = (env: Record<string, string>) => new Environment(env).get(CoreSettings);
  let folder: string;

  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'nakku-topology-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const two = `name: two\nprocesses:\n  - { name: a, port: 9001, services: [gateway, order] }\n  - { name: b, port: 9002, services: [${SERVICES.filter((s) => s !== 'gateway' && s !== 'order').join(', ')}] }\n`;

  it('hosts everything in one process by default', () => {
    expect(plan(core({}))).toEqual({ services: [...SERVICES], port: 8080 });
  });

  it('listens on PORT where it is set', () => {
    expect(plan(core({ PORT: '0' })).port).toBe(0);
  });

  it('hosts what SERVICES lists', () => {
    expect(plan(core({ SERVICES: 'cart,user' })).services).toEqual(['user', 'cart']);
  });

  it('refuses a service that does not exist, by name', () => {
    expect(() => plan(core({ SERVICES: 'cart,card' }))).toThrow('SERVICES must list some of gateway, user');
    expect(() => plan(core({ SERVICES: 'cart,card' }))).toThrow('but has card');
  });

  it('wants to be told which process this is where there are several', () => {
    const TOPOLOGY = write('two.yaml', two);
    expect(() => plan(core({ TOPOLOGY }))).toThrow('SERVICES must say which');
    expect(plan(core({ TOPOLOGY, SERVICES: 'order' })).services).toEqual(['order']);
  });

  it('refuses one that leaves a service without a process, is no topology, or is not there', () => {
    expect(() => readTopology(write('short.yaml', two.replace(', order]', ']')))).toThrow('has no process for order');
    expect(() => readTopology(write('wrong.yaml', 'name: wrong\nprocesses: []\n'))).toThrow('is wrong: processes');
    expect(() => readTopology('nowhere')).toThrow(
      'TOPOLOGY must name a topology, but "nowhere" is not in deploy/topologies',
    );
  });
});
