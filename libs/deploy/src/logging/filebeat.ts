import type { Deployment } from '../deployment.js';
import { ANSWERED, FIELDS, LINE, REQUEST_FIELDS } from './fields.js';

/** The data stream that logs go to; Kibana shows `logs-*` without being told. */
export const STREAM = 'logs-nakku-default';

/** filebeat.yml: reads the logs of Nakku's containers off the machine that it runs on. */
export const filebeatOf = (deployment: Deployment) => ({
  'filebeat.autodiscover': {
    providers: [
      {
        type: 'docker',
        templates: [
          // One image, whatever its tag: also the other colour's.
          { condition: { contains: { 'docker.container.image': 'nakku/' } }, config: [container([json])] },
          {
            condition: { or: others(deployment).map((image) => ({ contains: { 'docker.container.image': image } })) },
            config: [container([])],
          },
        ],
      },
    ],
  },
  processors: [
    { copy_fields: copied('container.labels.com_docker_compose_service', 'service.name') },
    {
      timestamp: {
        field: `${LINE}.time`,
        layouts: ['2006-01-02T15:04:05.999Z'],
        test: ['2026-01-31T12:00:00.123Z'],
        ...CALMLY,
      },
    },
    { rename: renamed(FIELDS) },
    { if: { equals: { [`${LINE}.msg`]: ANSWERED } }, then: [{ rename: renamed(REQUEST_FIELDS) }] },
    {
      drop_fields: {
        fields: [`${LINE}.msg`, `${LINE}.time`, 'container.labels', 'agent', 'ecs', 'input'],
        ignore_missing: true,
      },
    },
  ],
  'output.elasticsearch': {
    hosts: ['http://elasticsearch:9200'],
    username: 'nakku_filebeat',
    password: '${FILEBEAT_PASSWORD}',
    index: STREAM,
  },
  // Both are made by setup.sh.
  'setup.template.enabled': false,
  'setup.ilm.enabled': false,
  'http.enabled': true,
  'http.host': '127.0.0.1',
  'logging.level': 'warning',
  'logging.to_stderr': true,
});

/** A line that lacks a field is not for that reason lost. */
const CALMLY = { ignore_missing: true, ignore_failure: true };

const json = { ndjson: { target: LINE, message_key: 'msg', ignore_decoding_error: true } };

const container = (parsers: object[]) => ({
  type: 'filestream',
  id: 'container-${data.docker.container.id}',
  paths: ['/var/lib/docker/containers/${data.docker.container.id}/*-json.log'],
  parsers: [{ container: { stream: 'all', format: 'docker' } }, ...parsers],
  'prospector.scanner.symlinks': true,
});

const copied = (from: string, to: string) => ({ fields: [{ from, to }], ignore_missing: true, fail_on_error: false });

const renamed = (fields: typeof FIELDS) => ({
  fields: fields.map(([from, to]) => ({ from: `${LINE}.${from}`, to })),
  ignore_missing: true,
  fail_on_error: false,
});

/** What Nakku stands on here, by image. */
const others = ({ topology, engine, brokers, caches }: Deployment): string[] => [
  topology.balancer.kind,
  ...(engine ? [engine] : []),
  ...(brokers.length > 0 ? ['apache/kafka'] : []),
  ...(caches.length > 0 ? ['redis'] : []),
];
