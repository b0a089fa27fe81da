import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTopology, topologyFolder, topologyNames } from './topology.file.js';
import { SERVICES } from './topology.schema.js';

const DATA = `data:
  database: { engine: mysql, replicas: 0 }
  kafka: { brokers: 3, partitions: 6, replication: 3, minInSync: 2 }
  redis: { mode: cluster, nodes: 3 }
`;
const DOMAINS = SERVICES.filter((service) => service !== 'gateway');
const TWO = `name: two
processes:
  - name: edge
    port: 8080
    services: [gateway]
  - name: shop
    port: 8081
    services: [${DOMAINS.join(', ')}]
`;

describe('a topology file', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'nakku-topology-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const file = (text: string): string => {
    writeFileSync(join(folder, 'two.yaml'), text);
    return join(folder, 'two.yaml');
  };
  /** What is said of a file, each line without its path: `12:5: processes.0.port must …`. */
  const complaints = (text: string): string[] => {
    try {
      readTopology(file(text));
      return [];
    } catch (error) {
      return (error as Error).message.split('\n').map((line) => line.replace(`${join(folder, 'two.yaml')}:`, ''));
    }
  };
  const changed = (from: string, to: string) => complaints(`${TWO}${DATA}`.replace(from, to));

  it.each(topologyNames())('is shipped as %s, which can be read and hosts everything once', (name) => {
    const topology = readTopology(name);
    expect(topology.name).toBe(name);
    expect(topology.processes.flatMap(({ services }) => services).sort()).toEqual([...SERVICES].sort());
  });

  it.each(topologyNames())('%s tells editors where its schema is', (name) => {
    const [first] = readFileSync(join(topologyFolder(), `${name}.yaml`), 'utf8').split('\n');
    expect(first).toBe('# yaml-language-server: $schema=./topology.schema.json');
  });

  it('is read as it stands when nothing is wrong with it', () => {
    expect(complaints(`${TWO}${DATA}`)).toEqual([]);
  });

  it.each([
    ['port: 8081', 'port: 80810', '7:11: processes.1.port must be at most 65535, but was 80810'],
    ['port: 8081', 'port: high', '7:11: processes.1.port must be a number, but was "high"'],
    ['port: 8081', 'port: 80.5', '7:11: processes.1.port must be a whole number, but was 80.5'],
    ['    port: 8081\n', '', '6:5: processes.1.port is missing'],
    ['services: [gateway]', 'services: []', '5:5: processes.0.services must have at least 1 entry'],
    ['[gateway]', '[gatway]', /^5:16: processes\.0\.services\.0 must be one of gateway, user, .*, but was "gatway"$/],
    [
      'port: 8081',
      'port: 8081\n    replica: 2',
      /^8:14: processes\.1\.replica is not known here: there may be name, port, services, replicas/,
    ],
    ['name: shop', 'name: ../shop', /^6:11: processes\.1\.name must be a name of at most 40 lower-case letters/],
    [
      'engine: mysql',
      'engine: postgres',
      /^10:23: data\.database\.engine must be one of mysql, mariadb, but was "postgres"$/,
    ],
  ])('that has %j changed to %j says where it is wrong', (from, to, complaint) => {
    expect(changed(from, to)).toEqual([complaint instanceof RegExp ? expect.stringMatching(complaint) : complaint]);
  });

  it('says everything that is wrong at once', () => {
    expect(complaints(`${TWO}${DATA}`.replace('port: 8080', 'port: 0').replace('brokers: 3', 'brokers: many'))).toEqual(
      [
        '4:11: processes.0.port must be at least 1, but was 0',
        '11:21: data.kafka.brokers must be a number, but was "many"',
      ],
    );
  });

  it.each([
    ['a key twice', `${TWO}name: two\n`, /^9:1: is not YAML: Map keys must be unique$/],
    ['a bracket that stays open', 'name: [two\n', /^2:1: is not YAML: /],
    ['nothing in it', '', /^1:1: is missing$/],
    ['a list in it', '- 1\n', /^1:1: must be a group of settings, but was \[1\]$/],
    [
      'aliases that multiply',
      `a: &a [${'x,'.repeat(99)}]\nb: &b [${'*a,'.repeat(99)}]\nc: [${'*b,'.repeat(99)}]\n`,
      /^1:1: is not YAML: Excessive alias count/,
    ],
  ])('with %s is refused', (_, text, complaint) => {
    expect(complaints(text)).toEqual([expect.stringMatching(complaint)]);
  });

  it('is looked for by name among those that there are, or by path', () => {
    expect(() => readTopology('nowhere')).toThrow(
      /^TOPOLOGY must name a topology, but "nowhere" is not in deploy\/topologies, which has clustered, kubernetes/,
    );
    expect(() => readTopology(join(folder, 'nowhere.yaml'))).toThrow('nowhere.yaml" is not there');
    expect(() => readTopology(`${folder}/`)).toThrow('is no file');
  });

  it('is refused when it is too large to be one', () => {
    expect(complaints('#'.repeat(300 * 1024))).toEqual([expect.stringContaining('has more than 256 KiB')]);
  });
});
