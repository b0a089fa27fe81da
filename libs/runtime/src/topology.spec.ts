import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreSettings, Environment } from '@nakku/config';
import { plan } from './topology.js';
import { SERVICES } from './topology.schema.js';

describe('what a process hosts', () => {
  const core = (env: Record<string, string>) => new Environment(env).get(CoreSettings);
  let folder: string;

  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'nakku-topology-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const rest = SERVICES.filter((service) => service !== 'gateway' && service !== 'order').join(', ');
  const two = `name: two
processes:
  - { name: a, port: 9001, services: [gateway, order] }
  - { name: b, port: 9002, services: [${rest}] }
data:
  database: { engine: mysql, replicas: 0 }
  kafka: { brokers: 1, partitions: 6, replication: 1, minInSync: 1 }
  redis: { mode: single }
`;

  it('is everything by default', () => {
    expect(plan(core({}))).toEqual({ services: [...SERVICES], port: 8080 });
  });

  it('listens on PORT where it is set', () => {
    expect(plan(core({ PORT: '0' })).port).toBe(0);
  });

  it('is what SERVICES lists', () => {
    expect(plan(core({ SERVICES: 'cart,user' })).services).toEqual(['user', 'cart']);
  });

  it('must exist: a service that does not is refused by name', () => {
    expect(() => plan(core({ SERVICES: 'cart,card' }))).toThrow('SERVICES must list some of gateway, user');
    expect(() => plan(core({ SERVICES: 'cart,card' }))).toThrow('but has card');
  });

  it('must be said where the topology has several processes', () => {
    const TOPOLOGY = write('two.yaml', two);
    expect(() => plan(core({ TOPOLOGY }))).toThrow('SERVICES must say which');
    expect(plan(core({ TOPOLOGY, SERVICES: 'order' })).services).toEqual(['order']);
  });

  it('listens where the topology says that just these services do, else on a lone domain’s own port', () => {
    const TOPOLOGY = write('ports.yaml', two);
    expect(plan(core({ TOPOLOGY, SERVICES: 'order,gateway' })).port).toBe(9001);
    expect(plan(core({ TOPOLOGY, SERVICES: 'order' })).port).toBe(8084);
    expect(plan(core({ TOPOLOGY, SERVICES: 'order,cart' })).port).toBe(8080);
  });
});
