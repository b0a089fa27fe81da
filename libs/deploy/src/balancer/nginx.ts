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

/** What NGINX makes of its own errors: the gateway has no 502 and no 504 either, a client is told 503 and when to come again. */
const ERRORS: Record<number, string> = {
  400: '400 497 505',
  431: '431 494',
  500: '500 501',
  503: '502 503 504',
};

/** The block that says where the gateways are, alone in a file: blue-green writes another one in its place. */
export const nginxUpstream = (deployment: Deployment, host = deployment.gateway.app): string => `${headline(deployment)}
upstream gateway {
    zone gateway 256k;
    least_conn;
    # Every address of the name is a server; nginx/watch.sh reloads when they change.
    server ${host}:${deployment.gateway.port} max_fails=3 fail_timeout=5s;
    # A gateway that stops answers on idle connections for five seconds more: let go of them before.
    keepalive 64;
    keepalive_timeout 4s;
    keepalive_requests 10000;
}
`;

/** nginx.conf for NGINX 1.22 and later, in a container or on a server. */
export const nginxConf = (deployment: Deployment): string => `${headline(deployment)}
# Needs upstream/gateway.conf beside it, and the certificate in ${SECRETS_FOLDER}. Start it by watch.sh. All that it writes is in /tmp: no root, no writable root.
worker_processes auto;
worker_rlimit_nofile 16384;
# A reload lets requests end, and then cuts off streams of events: their clients come again.
worker_shutdown_timeout 75s;
pid /tmp/nginx.pid;
error_log stderr warn;

events {
    worker_connections 4096;
}

http {
    server_tokens off;
    default_type application/octet-stream;
    client_body_temp_path /tmp/nginx-body;
    proxy_temp_path /tmp/nginx-proxy;
    fastcgi_temp_path /tmp/nginx-fastcgi;
    uwsgi_temp_path /tmp/nginx-uwsgi;
    scgi_temp_path /tmp/nginx-scgi;

${indented(4, MAPS)}

    log_format json escape=json ${LOG.map((line) => `\n        '${line}'`).join('')};
    access_log /dev/stdout json;

    # Behind another proxy (a CDN): set_real_ip_from <its network>; real_ip_header X-Forwarded-For;
${indented(4, LIMITS)}

    keepalive_timeout 65s;
    client_header_timeout 15s;
    client_body_timeout 30s;
    send_timeout 60s;
    reset_timedout_connection on;
    client_max_body_size ${BODY_BYTES};
    client_body_buffer_size 128k;

    include upstream/gateway.conf;

    server {
        listen 80 default_server;
        server_name ${deployment.topology.balancer.host};
${indented(8, errorPages('plain'))}
        # For probes that speak no TLS. It says nothing but ok or error.
${indented(8, HEALTH)}
        location / {
            return 308 https://$host$request_uri;
        }
    }

    server {
        # From 1.25.1 on NGINX warns that "http2 on" is the new way to say it; 1.22 does not know that.
        listen 443 ssl http2 default_server;
        server_name ${deployment.topology.balancer.host};
${indented(8, TLS)}

${indented(8, PROXY)}

${indented(8, errorPages('tls'))}
${indented(8, HEALTH)}
        location ~ ${STREAM_PATHS} {
            proxy_pass http://gateway;
            proxy_buffering off;
            proxy_read_timeout 1h;
        }
${uploadPaths()
  .map((path) => indented(8, uploadLocation(path)))
  .join('\n')}
        location ~ ${PUBLIC_PATHS} {
            proxy_pass http://gateway;
        }
        location / {
            return 404;
        }
    }
}
`;

const MAPS = `# A request keeps the id and the trace that it comes with; else both begin here.
map $http_x_request_id $edge_request_id {
    default $request_id;
    "~${REQUEST_ID}" $http_x_request_id;
}
map $http_traceparent $edge_trace_id {
    default $request_id;
    "~^[0-9a-f]{2}-(?<given_trace>[0-9a-f]{32})-" $given_trace;
}
map $request_id $edge_span_id {
    default 0000000000000001;
    "~^(?<first_half>.{16})" $first_half;
}
map $http_traceparent $edge_traceparent {
    default $http_traceparent;
    "" "00-$request_id-$edge_span_id-01";
}
# A query may hold what is nobody's business.
map $request_uri $edge_path {
    default $request_uri;
    "~^(?<before_query>[^?]*)\\?" $before_query;
}`;

const LOG = [
  '{"time":"$time_iso8601","level":"info","service":"nginx","msg":"request answered",',
  '"requestId":"$edge_request_id","traceId":"$edge_trace_id","address":"$remote_addr",',
  '"method":"$request_method","path":"$edge_path","protocol":"$server_protocol","tls":"$ssl_protocol",',
  '"status":$status,"seconds":$request_time,"bytesIn":$request_length,"bytesOut":$bytes_sent,',
  '"upstream":"$upstream_addr","upstreamStatus":"$upstream_status","upstreamSeconds":"$upstream_response_time"}',
];

const LIMITS = `# The private network is not limited: probes, load tests, another balancer.
geo $from_outside {
    default 1;
${UNLIMITED.map((range) => `    ${range} 0;`).join('\n')}
}
map $from_outside $limited_address {
    default "";
    1 $binary_remote_addr;
}
# Many customers share an address, so this is no limit for people: the gateway has that.
limit_req_zone $limited_address zone=requests:10m rate=${PER_ADDRESS.requestsPerSecond}r/s;
limit_conn_zone $limited_address zone=connections:10m;
limit_req_status 429;
limit_conn_status 429;`;

const TLS = `ssl_certificate ${SECRETS_FOLDER}/tls.crt;
ssl_certificate_key ${SECRETS_FOLDER}/tls.key;
ssl_protocols TLSv1.2 TLSv1.3;
ssl_ciphers ${CIPHERS};
ssl_prefer_server_ciphers off;
ssl_session_cache shared:tls:10m;
ssl_session_timeout 1d;
ssl_session_tickets off;
# The gateway says it too; once is enough, and so it is on errors.
proxy_hide_header Strict-Transport-Security;
add_header Strict-Transport-Security "${HSTS}" always;`;

const PROXY = `limit_req zone=requests burst=${PER_ADDRESS.burst} nodelay;
limit_conn connections ${PER_ADDRESS.connections};
proxy_http_version 1.1;
proxy_set_header Connection "";
proxy_set_header Host $host;
# What a client says of its own address is not handed on.
proxy_set_header X-Real-IP $remote_addr;
proxy_set_header X-Forwarded-For $remote_addr;
proxy_set_header X-Forwarded-Proto $scheme;
proxy_set_header X-Forwarded-Host $host;
proxy_set_header Forwarded "";
proxy_set_header X-Request-Id $edge_request_id;
proxy_set_header traceparent $edge_traceparent;
# The gateway answers within 30 s, its own repetitions included.
proxy_connect_timeout 2s;
proxy_send_timeout 60s;
proxy_read_timeout 35s;
# A POST or PATCH goes to another gateway only if it was not sent to the first: NGINX knows which those are ("non_idempotent" is not given).
proxy_next_upstream error timeout;
proxy_next_upstream_tries 3;
proxy_next_upstream_timeout 10s;
# Large answers go out as fast as the client reads them, and not to a disk.
proxy_max_temp_file_size 0;`;

/** Ready or not, without the details that the gateway has for those inside. */
const HEALTH = `location = /health {
    auth_request /.ready;
    error_page 500 503 =503 /.sick;
    access_log off;
    default_type application/json;
    open_file_cache max=1;
    open_file_cache_errors on;
    try_files /.nothing @well;
}
location @well {
    access_log off;
    default_type application/json;
    expires -1;
    return 200 '{"status":"ok"}';
}
location = /.sick {
    internal;
    default_type application/json;
    return 503 '{"status":"error"}';
}
location = /.ready {
    internal;
    proxy_pass http://gateway/health/ready;
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_connect_timeout 2s;
    proxy_read_timeout 5s;
}`;

const uploadLocation = (path: string): string => `location = ${path} {
    proxy_pass http://gateway;
    client_max_body_size ${UPLOAD_BYTES / 1_048_576}m;
    proxy_request_buffering off;
    proxy_next_upstream off;
    proxy_read_timeout 120s;
}`;

const errorPages = (over: 'tls' | 'plain'): string => PROBLEMS.map((problem) => errorPage(problem, over)).join('\n');

function errorPage(problem: EdgeProblem, over: 'tls' | 'plain'): string {
  const { status, retryAfterSeconds } = problem;
  const headers = [
    ...(over === 'tls' ? [`Strict-Transport-Security "${HSTS}"`] : []),
    'X-Content-Type-Options nosniff',
    'X-Request-Id $edge_request_id',
    ...(retryAfterSeconds ? [`Retry-After ${retryAfterSeconds}`] : []),
  ];
  return `error_page ${ERRORS[status] ?? status} =${status} /.problem/${status};
location = /.problem/${status} {
    internal;
    default_type "application/problem+json; charset=utf-8";
${headers.map((header) => `    add_header ${header} always;`).join('\n')}
    return ${status} '${problemBody(problem, '$edge_trace_id')}';
}`;
}
