import { parse } from 'yaml';
import { TWELFTH } from '../deployment.fixture.js';
import { chartOf, filesOf, growingDeployment } from './growing.fixture.js';

type Values = { [key: string]: Values | string | number | boolean | unknown[] };

const chart = chartOf(growingDeployment());
const templates = Object.entries(chart).filter(([path]) => path.startsWith('templates/'));
const values = parse(chart['values.yaml']!, { version: '1.1' }) as Values;
const asked = new Set(
  templates.flatMap(([, text]) => [...text.matchAll(/\.Values\.([\w.]+)/g)].map(([, path]) => path!)),
);

const at = (path: string): unknown =>
  path.split('.').reduce<unknown>((node, key) => (node as Values | undefined)?.[key], values);

/** Paths of values, as deep as templates ask for them. */
const leaves = (node: Values, path = ''): string[] =>
  Object.entries(node).flatMap(([key, child]) => {
    const here = path === '' ? key : `${path}.${key}`;
    const branch = typeof child === 'object' && !Array.isArray(child) && !asked.has(here);
    return branch ? leaves(child, here) : [here];
  });

describe('the chart', () => {
  it('has a value for everything that a template asks for, and a template that asks for every value', () => {
    for (const path of asked) expect([path, at(path)]).not.toEqual([path, undefined]);
    expect(leaves(values).filter((path) => !asked.has(path))).toEqual([]);
  });

  it.each(templates)('closes in %s what it opens', (_, text) => {
    const count = (pattern: RegExp) => [...text.matchAll(pattern)].length;
    expect(count(/\{\{/g)).toBe(count(/\}\}/g));
    expect(count(/\{\{-? if /g)).toBe(count(/\{\{-? end/g));
    expect(text).not.toMatch(/PARAM_|undefined|\[object/);
  });

  it('refuses values that nobody reads, and knows those that it has', () => {
    const known = (schema: Values, node: Values): void => {
      expect(schema['additionalProperties']).toBe(false);
      for (const [key, child] of Object.entries(node)) {
        const own = (schema['properties'] as Values)[key] as Values;
        if (own['properties']) known(own, child as Values);
        else
          expect(own['type']).toBe(
            Array.isArray(child) ? 'array' : typeof child === 'number' ? 'integer' : typeof child,
          );
      }
    };
    known(JSON.parse(chart['values.schema.json']!) as Values, values);
  });

  it('has the switches of an operator', () => {
    expect(values).toMatchObject({
      mode: 'production',
      mysql: { enabled: true, port: 3306, servers: { mysql: { host: 'mysql-primary' } } },
      kafka: { enabled: true, brokers: 'kafka-1:9092,kafka-2:9092,kafka-3:9092' },
      redis: { enabled: true },
      networkPolicy: { enabled: true },
      autoscaling: { enabled: true, ordersPerMinute: true },
      ingress: { class: 'nginx', host: 'api.nakku.example' },
      processes: { orderService: { minReplicas: 2, maxReplicas: 10, cpuPercent: 70, ordersPerMinute: '120' } },
    });
  });

  it('has values for managed servers that are values of the chart', () => {
    const managed = parse(chart['examples/managed.yaml']!, { version: '1.1' }) as Values;
    for (const path of leaves(managed).filter((one) => !one.startsWith('environment.')))
      expect([path, at(path)]).not.toEqual([path, undefined]);
    expect(managed).toMatchObject({ mysql: { enabled: false }, kafka: { enabled: false }, redis: { enabled: false } });
  });

  it('leaves the number of copies to the autoscaler where there is one', () => {
    expect(chart['templates/50-order-service.yaml']).toContain(
      '{{- if not .Values.autoscaling.enabled }}\n  replicas: {{ .Values.processes.orderService.replicas | int }}\n{{- end }}',
    );
    expect(filesOf(growingDeployment())['rendered/kubernetes/kubernetes/50-order-service.yaml']).not.toMatch(
      /^ {2}replicas:/m,
    );
  });

  it('does not touch the name of a server that has no replicas, and knows a service that is new', () => {
    const { data } = growingDeployment().topology;
    const alone = growingDeployment([TWELFTH], { data: { ...data, database: { engine: 'mysql', replicas: 0 } } });
    const grown = parse(chartOf(alone)['values.yaml']!, { version: '1.1' }) as { mysql: Values; processes: Values };
    expect(grown.mysql['servers']).toEqual({ mysql: { host: 'mysql-primary' } });
    expect(Object.keys(grown.processes)).toContain('loyaltyService');
  });
});
