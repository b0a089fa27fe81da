import { CoreSettings, Environment } from '@nakku/config';
import { createLogger, newContext, withContext } from '@nakku/observability';
import { parse } from 'yaml';
import { smallDeployment } from '../deployment.fixture.js';
import { growingDeployment } from '../kubernetes/growing.fixture.js';
import { renderLogging } from './index.js';

type Line = Record<string, unknown>;
interface Filebeat {
  'filebeat.autodiscover': {
    providers: { templates: { condition: object; config: { parsers: { ndjson?: object }[] }[] }[] }[];
  };
  processors: { rename?: Rename; if?: { equals: Record<string, string> }; then?: { rename: Rename }[] }[];
  'output.elasticsearch': { index: string; password: string };
}
interface Rename {
  fields: { from: string; to: string }[];
}
interface Template {
  index_patterns: string[];
  template: { settings: Record<string, unknown>; mappings: Mapping };
}
interface Mapping {
  type?: string;
  properties?: Record<string, Mapping>;
}

const textOf = (name: string) => renderLogging(smallDeployment()).find(({ path }) => path.endsWith(name))!.content;
const filebeat = parse(textOf('filebeat.yml')) as Filebeat;
const template = JSON.parse(textOf('template.json')) as Template;

/** What a process really writes. */
function written(log: (logger: ReturnType<typeof createLogger>) => void): Line {
  const lines: string[] = [];
  const logger = createLogger(new Environment({ LOG_LEVEL: 'debug' }).get(CoreSettings), {
    write: (line) => void lines.push(line),
  });
  withContext(newContext({ requestId: 'request-1' }), () => log(logger));
  return JSON.parse(lines[0]!) as Line;
}

const at = (line: Line, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (value as Line | undefined)?.[key], line);

/** What Filebeat's rename processors make of a line, as far as it has what they name. */
function shipped(line: Line): Line {
  const root = { nakku: line };
  const chosen = filebeat.processors.flatMap(({ rename, if: condition, then = [] }) => {
    const holds = Object.entries(condition?.equals ?? {}).every(([path, value]) => at(root, path) === value);
    return holds ? [rename, ...then.map((one) => one.rename)] : [];
  });
  const pairs = chosen.flatMap((rename) => rename?.fields ?? []);
  return Object.fromEntries(
    pairs.flatMap(({ from, to }) => (at(root, from) === undefined ? [] : [[to, at(root, from)]])),
  );
}

const typeOf = (path: string): string | undefined =>
  path.split('.').reduce<Mapping | undefined>((mapping, key) => mapping?.properties?.[key], template.template.mappings)
    ?.type;

describe('the log lines of a process', () => {
  it('are found by request, trace and route when they are about a request', () => {
    const line = written((logger) =>
      logger.warn({ method: 'GET', path: '/api/v1/orders', status: 503, ms: 12 }, 'request answered'),
    );
    const { traceId } = line;
    expect(shipped(line)).toEqual({
      'log.level': 'warn',
      'process.pid': process.pid,
      'http.request.id': 'request-1',
      'trace.id': traceId,
      'http.request.method': 'GET',
      'url.path': '/api/v1/orders',
      'http.response.status_code': 503,
    });
  });

  it('are found by what went wrong, with where it came from', () => {
    const line = written((logger) => logger.error({ err: new TypeError('no such order'), context: 'saga' }, 'failed'));
    expect(shipped(line)).toMatchObject({
      'log.logger': 'saga',
      'error.type': 'TypeError',
      'error.message': 'no such order',
      'error.stack_trace': expect.stringContaining('logging.spec'),
    });
  });

  it('keep a status that is no number where it does no harm', () => {
    const line = written((logger) => logger.info({ status: 'pending' }, 'an order waits'));
    expect(Object.keys(shipped(line))).not.toContain('http.response.status_code');
  });

  it('are read as JSON with the keys that they have', () => {
    const line = written((logger) => logger.info('hello'));
    const [ours] = filebeat['filebeat.autodiscover'].providers[0]!.templates;
    expect(ours).toMatchObject({ condition: { contains: { 'docker.container.image': 'nakku/' } } });
    expect(ours!.config[0]!.parsers[1]).toMatchObject({ ndjson: { target: 'nakku', message_key: 'msg' } });
    expect(line).toMatchObject({ msg: 'hello', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/) });
  });
});

describe('Elasticsearch', () => {
  it('knows every field that Filebeat makes, and makes none for whatever else a line has', () => {
    const targets = filebeat.processors
      .flatMap(({ rename, then = [] }) => [rename, ...then.map((one) => one.rename)])
      .flatMap((rename) => rename?.fields ?? [])
      .map(({ to }) => to);
    expect(targets.length).toBeGreaterThan(8);
    expect([...targets, 'service.name', 'message'].filter((field) => typeOf(field) === undefined)).toEqual([]);
    expect(typeOf('nakku')).toBe('flattened');
    expect(template.template.mappings).toMatchObject({ dynamic: false });
  });

  it('keeps logs for two weeks', () => {
    const lifecycle = JSON.parse(textOf('lifecycle.json')) as { policy: { phases: { delete: { min_age: string } } } };
    expect(lifecycle.policy.phases.delete.min_age).toBe('14d');
    expect(template.template.settings['index.lifecycle.name']).toBe('nakku');
    expect(textOf('setup.sh')).toContain('_ilm/policy/nakku');
  });

  it('is written to by somebody who can neither read nor delete', () => {
    expect(JSON.parse(textOf('role.json'))).toEqual({
      cluster: ['monitor'],
      indices: [{ names: template.index_patterns, privileges: ['auto_configure', 'create_doc'] }],
    });
    expect(filebeat['output.elasticsearch'].index).toBe('logs-nakku-default');
  });
});

describe('the containers of logging', () => {
  interface Service {
    ports?: string[];
    networks: string[];
    cap_drop: string[];
    environment?: Record<string, string>;
  }
  const compose = parse(textOf('docker-compose.logging.yml'), { merge: true }) as {
    services: Record<string, Service>;
    secrets: Record<string, object>;
  };

  it('are on a network of their own, and only Kibana is reached, from the machine itself', () => {
    for (const [name, { networks, ports = [], cap_drop }] of Object.entries(compose.services)) {
      expect(networks).toEqual(['logging']);
      expect(cap_drop).toEqual(['ALL']);
      expect(ports).toEqual(name === 'kibana' ? ['127.0.0.1:${KIBANA_PORT:-5601}:5601'] : []);
    }
  });

  it('have their passwords from files', () => {
    expect(Object.keys(compose.secrets)).toEqual([
      'elastic_password',
      'filebeat_password',
      'kibana_encryption_key',
      'kibana_password',
    ]);
    const environments = Object.values(compose.services).flatMap(({ environment = {} }) => Object.keys(environment));
    expect(environments.filter((name) => /PASSWORD|KEY/.test(name))).toEqual([]);
    expect(filebeat['output.elasticsearch'].password).toBe('${FILEBEAT_PASSWORD}');
  });

  it('are left to the cluster on Kubernetes', () => {
    expect(renderLogging(growingDeployment())).toEqual([]);
  });
});
