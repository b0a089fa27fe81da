/** Where a line of a process is put once it is read; Kibana's own fields are named so (Elastic Common Schema). */
export const LINE = 'nakku';

/** What a process calls it in its log, and what it is called in Elasticsearch. */
export const FIELDS: readonly (readonly [ours: string, ecs: string])[] = [
  ['level', 'log.level'],
  ['context', 'log.logger'],
  ['pid', 'process.pid'],
  ['requestId', 'http.request.id'],
  ['traceId', 'trace.id'],
  ['err.message', 'error.message'],
  ['err.type', 'error.type'],
  ['err.stack', 'error.stack_trace'],
];

/** The same for the lines about requests; elsewhere `status` may be that of an order. */
export const REQUEST_FIELDS: typeof FIELDS = [
  ['method', 'http.request.method'],
  ['path', 'url.path'],
  ['status', 'http.response.status_code'],
];

/** What a process says when it has answered a request. */
export const ANSWERED = 'request answered';

/** How Elasticsearch keeps what is searched for. Whatever else a line has is found as `nakku.<name>`, and makes no field of its own. */
export const MAPPINGS = {
  dynamic: false,
  properties: {
    '@timestamp': { type: 'date' },
    message: { type: 'match_only_text' },
    log: { properties: { level: keyword(), logger: keyword() } },
    service: { properties: { name: keyword() } },
    container: { properties: { id: keyword(), name: keyword() } },
    host: { properties: { name: keyword() } },
    process: { properties: { pid: { type: 'long' } } },
    trace: { properties: { id: keyword() } },
    http: {
      properties: {
        request: { properties: { id: keyword(), method: keyword() } },
        response: { properties: { status_code: { type: 'long' } } },
      },
    },
    url: { properties: { path: { type: 'wildcard' } } },
    error: {
      properties: {
        message: { type: 'match_only_text' },
        type: keyword(),
        stack_trace: { type: 'wildcard' },
      },
    },
    [LINE]: { type: 'flattened', ignore_above: 1024 },
  },
};

function keyword() {
  return { type: 'keyword', ignore_above: 1024 };
}
