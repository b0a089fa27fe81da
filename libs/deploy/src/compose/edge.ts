import type { Deployment } from '../deployment.js';
import { IMAGES } from '../images.js';
import { check, HARDENED, files, resourcesOf, scratch, type Service, type Services } from './service.js';

/** The balancer, before whatever gateways there are. */
export function balancerServices({ topology, gateway }: Deployment): Services {
  const { kind } = topology.balancer;
  const balancer: Service = {
    image: IMAGES[kind],
    '<<': HARDENED,
    ...(kind === 'nginx' ? NGINX : HAPROXY),
    secrets: ['tls.crt', 'tls.key'],
    ports: ['${HTTP_PORT:-80}:80', '${HTTPS_PORT:-443}:443'],
    // Who is not root may listen on 80 and 443.
    sysctls: { 'net.ipv4.ip_unprivileged_port_start': 0 },
    networks: ['edge'],
    // It is as well as the gateways behind it. Neither image is sure to have curl.
    healthcheck: check(['CMD', 'bash', '-c', HEALTH], '120s'),
    ulimits: files(),
    stop_grace_period: '60s',
    depends_on: { [gateway.app]: { condition: 'service_started' } },
    deploy: { resources: resourcesOf({ memoryMb: 128, cpu: 0.25 }, { memoryMb: 512, cpu: 2 }) },
  };
  return { [kind]: balancer };
}

const HEALTH =
  'exec 3<>/dev/tcp/127.0.0.1/80 && printf "GET /health HTTP/1.0\\r\\nHost: health\\r\\n\\r\\n" >&3 && grep -q "^HTTP/1.. 200" <&3';

const NGINX = {
  user: '101:101',
  init: true,
  command: ['sh', '/etc/nginx/watch.sh'],
  volumes: [
    './nginx/nginx.conf:/etc/nginx/nginx.conf:ro',
    './nginx/watch.sh:/etc/nginx/watch.sh:ro',
    // Which gateways are asked can be changed while it runs: blue-green points this to a folder of its own.
    '${NGINX_UPSTREAM_DIR:-./nginx/upstream}:/etc/nginx/upstream:ro',
  ],
  tmpfs: scratch(101),
};

const HAPROXY = {
  user: '99:99',
  volumes: ['./haproxy/haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro'],
  tmpfs: scratch(99),
};

/** Where processes say that they are there, if the topology wants that rather than host names. */
export const discoveryServices = ({ topology }: Deployment): Services =>
  topology.discovery === 'consul' ? { consul: CONSUL } : {};

const CONSUL: Service = {
  image: IMAGES.consul,
  '<<': HARDENED,
  hostname: 'consul',
  user: '100:1000',
  entrypoint: ['consul'],
  command: [
    'agent',
    '-server',
    '-bootstrap-expect=1',
    '-client=0.0.0.0',
    '-data-dir=/consul/data',
    '-config-dir=/consul/config',
  ],
  volumes: ['consul:/consul/data', './consul:/consul/config:ro'],
  tmpfs: scratch(100),
  networks: ['app'],
  healthcheck: check(['CMD', 'consul', 'info'], '30s'),
  stop_grace_period: '30s',
  deploy: { resources: resourcesOf({ memoryMb: 128, cpu: 0.1 }, { memoryMb: 256, cpu: 1 }) },
};
