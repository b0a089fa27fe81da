import { headline } from '../artefact.js';
import type { Deployment } from '../deployment.js';
import { SECRETS_FOLDER } from '../environment.js';
import {
  BODY_BYTES,
  CIPHERS,
  type EdgeProblem,
  HSTS,
  indented,
  PER_ADDRESS,
  problemBody,
  PROBLEMS,
  PUBLIC_PATHS,
  REQUEST_ID,
  STREAM_PATHS,
  UNLIMITED,
  UPLOAD_BYTES,
  uploadPaths,
} from './edge.js';

/** Statuses that HAProxy can answer by itself. */
const OWN = new Set([400, 404, 405, 408, 413, 429, 500, 503]);
/** More gateways than anybody starts: places for addresses that the name may have. */
const PLACES = 20;

/** haproxy.cfg for HAProxy 2.6 and later, run as `haproxy -W -db -f haproxy.cfg`; USR2 to the master reloads it. */
export const haproxyConf = (deployment: Deployment): string => `${headline(deployment)}
# The certificate and its key are ${SECRETS_FOLDER}/tls.crt and tls.key. All that it writes is in /tmp.
global
    log stdout format raw local0 info
    master-worker
    stats socket /tmp/haproxy.sock mode 600 level admin expose-fd listeners
    # A reload lets requests end, and then cuts off streams of events: their clients come again.
    hard-stop-after 75s
    # Idle connections end one by one meanwhile, and not all at once under the requests that come on them.
    close-spread-time 20s
    ssl-load-extra-del-ext
    ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets
    ssl-default-bind-ciphers ${CIPHERS}
    ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256

defaults
    mode http
    log global
    option dontlognull
    option http-ignore-probes
    timeout connect 2s
    timeout client 65s
    timeout http-request 15s
    timeout http-keep-alive 65s
    timeout queue 5s
    # The gateway answers within 30 s, its own repetitions included.
    timeout server 35s
    timeout check 3s

# The name of the gateways is looked up again and again, by what /etc/resolv.conf says (Docker's own server in a container).
resolvers names
    parse-resolv-conf
    accepted_payload_size 8192
    resolve_retries 3
    timeout resolve 1s
    timeout retry 1s
    hold valid 2s

frontend edge
    bind :80
    bind :443 ssl crt ${SECRETS_FOLDER}/tls.crt alpn h2,http/1.1
${indented(4, LOGGING)}

${indented(4, identity())}

    # Ready or not, for probes of any kind, without the details that the gateway has for those inside.
    acl well nbsrv(gateway) gt 0
    http-request return status 200 content-type application/json hdr Cache-Control no-store string '{"status":"ok"}' if { path /health } well
    http-request return status 503 content-type application/json hdr Cache-Control no-store hdr Retry-After 1 string '{"status":"error"}' if { path /health }
    http-request redirect code 308 location https://%[req.hdr(host),field(1,:)]%[pathq] unless { ssl_fc }

${indented(4, limits())}

    http-after-response set-header Strict-Transport-Security '${HSTS}' if { ssl_fc }
    # The gateway has no 502 and no 504: a client is told 503 and when to come again.
    http-after-response set-status 503 reason 'Service Unavailable' if { status 502 504 }
${indented(
  4,
  PROBLEMS.filter(({ status }) => OWN.has(status))
    .flatMap(errors)
    .join('\n'),
)}
    default_backend gateway

backend gateway
    balance leastconn
    option httpchk
    http-check send meth GET uri /health/ready ver HTTP/1.1 hdr Host gateway
    http-check expect status 200
    # Only what no gateway has seen is sent to another one: nothing is done twice.
    retries 3
    retry-on conn-failure
    option redispatch 1
    http-reuse safe
    http-request set-timeout server 1h if { path_reg ${STREAM_PATHS} }
${uploadPaths()
  .map((path) => `    http-request set-timeout server 120s if { path ${path} }`)
  .join('\n')}
    # A gateway that stops answers for five seconds more; after two failed checks it is asked nothing.
    default-server check inter 1s fastinter 500ms fall 2 rise 2 pool-purge-delay 2s
    server-template gateway- ${PLACES} ${deployment.gateway.app}:${deployment.gateway.port} resolvers names init-addr none
`;

const LOGGING = `log-format '${[
  '{"time":"%[date,utime(%Y-%m-%dT%H:%M:%SZ)]","level":"info","service":"haproxy","msg":"request answered"',
  '"requestId":"%[var(txn.request_id),json(utf8s)]","traceId":"%[var(txn.trace_id),json(utf8s)]","address":"%ci"',
  '"method":"%[var(txn.method),json(utf8s)]","path":"%[var(txn.path),json(utf8s)]","protocol":"%HV","tls":"%sslv"',
  '"status":%ST,"ms":%Ta,"bytesIn":%U,"bytesOut":%B,"upstream":"%s","upstreamState":"%ts"}',
].join(',')}'`;

/** Whoever brings an id or a trace keeps it; what a client says of its own address is not handed on. */
const identity = (): string => `http-request set-var(txn.method) method
http-request set-var(txn.path) path
http-request set-var(txn.made) uuid,regsub(-,,g)
http-request set-var(txn.request_id) var(txn.made)
http-request set-var(txn.request_id) req.hdr(x-request-id) if { req.hdr_cnt(x-request-id) 1 } { req.hdr(x-request-id) -m reg '${REQUEST_ID}' }
http-request set-var(txn.trace_id) var(txn.made)
http-request set-var(txn.trace_id) req.hdr(traceparent),field(2,-) if { req.hdr(traceparent) -m reg '^[0-9a-f]{2}-[0-9a-f]{32}-' }
http-request set-var(txn.span_id) var(txn.made),bytes(0,16)
http-request set-header X-Request-Id %[var(txn.request_id)]
http-request set-header traceparent 00-%[var(txn.made)]-%[var(txn.span_id)]-01 unless { req.hdr(traceparent) -m found }
http-request set-header X-Real-IP %[src]
http-request set-header X-Forwarded-For %[src]
http-request set-header X-Forwarded-Proto https
http-request set-header X-Forwarded-Host %[req.hdr(host)]
http-request del-header Forwarded`;

/** `deny` answers with the problem of its status. */
const limits = (): string => `acl upload path ${uploadPaths().join(' ')}
acl inside src ${UNLIMITED.join(' ')}
http-request deny deny_status 404 unless { path_reg '${PUBLIC_PATHS}' }
http-request deny deny_status 413 if upload { req.hdr_val(content-length) gt ${UPLOAD_BYTES} }
http-request deny deny_status 413 if !upload { req.hdr_val(content-length) gt ${BODY_BYTES} }
# Many customers share an address, so this is no limit for people: the gateway has that.
stick-table type ipv6 size 200k expire 30s store http_req_rate(10s),conn_cur
http-request track-sc0 src unless inside
http-request deny deny_status 429 if { sc0_http_req_rate gt ${PER_ADDRESS.requestsPerSecond * 10 + PER_ADDRESS.burst} }
http-request deny deny_status 429 if { sc0_conn_cur gt ${PER_ADDRESS.connections} }`;

function errors(problem: EdgeProblem): string[] {
  const { status, retryAfterSeconds } = problem;
  const body = problemBody(problem, '%[var(txn.trace_id)]');
  const retry = retryAfterSeconds ? ` hdr Retry-After ${retryAfterSeconds}` : '';
  const statuses = status === 503 ? [502, 503, 504] : [status];
  return statuses.map(
    (own) =>
      `http-error status ${own} content-type 'application/problem+json; charset=utf-8' lf-string '${body}' hdr X-Content-Type-Options nosniff hdr X-Request-Id %[var(txn.request_id)]${retry}`,
  );
}
