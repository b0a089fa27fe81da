import { smallDeployment } from '../deployment.fixture.js';
import { growingDeployment } from '../kubernetes/growing.fixture.js';
import { PROBLEMS, problemBody, uploadPaths } from './edge.js';
import { renderBalancer } from './index.js';
import { nginxUpstream } from './nginx.js';

const ONE = {
  name: 'nakku',
  port: 8080,
  services: ['gateway', 'user', 'order', 'cart'],
  replicas: 1,
  resources: { memoryMb: 512, cpu: 1 },
};

/** What each of them makes of a deployment; that they mean the same when they run is shown by deploy/verify/edge.sh. */
describe('balancers', () => {
  const file = (path: string, over: object = {}) =>
    renderBalancer(smallDeployment([], over)).find((one) => one.path === `rendered/small/${path}`)!.content;
  const [nginx, haproxy] = [file('nginx/nginx.conf'), file('haproxy/haproxy.cfg')];

  it('stand before the gateways, by the name that has the addresses of all', () => {
    expect(file('nginx/upstream/gateway.conf')).toContain('server api-gateway:8080 ');
    expect(haproxy).toMatch(/server-template gateway- \d+ api-gateway:8080 /);
    const whole = { processes: [{ ...ONE, port: 8123 }] };
    expect(file('nginx/upstream/gateway.conf', whole)).toContain('server nakku:8123 ');
    expect(file('haproxy/haproxy.cfg', whole)).toContain(' nakku:8123 ');
  });

  it('can be turned to the gateways of another colour', () => {
    const green = nginxUpstream(smallDeployment(), 'api-gateway-green');
    expect(green).toBe(file('nginx/upstream/gateway.conf').replace('api-gateway:', 'api-gateway-green:'));
  });

  it('let go of idle connections before a gateway that stops does', () => {
    expect(file('nginx/upstream/gateway.conf')).toContain('keepalive_timeout 4s;');
    expect(haproxy).toContain('pool-purge-delay 2s');
  });

  it('take bodies as long as the gateway takes, and longer ones on the routes that say so', () => {
    expect(nginx).toContain('client_max_body_size 1048576;');
    expect(haproxy).toContain('content-length) gt 1048576 }');
    expect(uploadPaths()).toContain('/api/v1/products/import');
    for (const path of uploadPaths()) {
      const [, location] = new RegExp(`location = ${path} \\{([^}]*)\\}`).exec(nginx) ?? [];
      expect(location).toContain('client_max_body_size 256m;');
      expect(location).toContain('proxy_request_buffering off;');
      expect(haproxy).toContain(`acl upload path ${uploadPaths().join(' ')}`);
    }
  });

  it('give a new upload route its limit without a hand', () => {
    const more = { port: 1, api: class {} as never, paths: [], open: [], uploads: ['POST points/import'] };
    expect(uploadPaths([more])).toEqual(['/api/v1/points/import']);
  });

  it('never repeat what a gateway may have done', () => {
    expect(nginx).not.toMatch(/next_upstream .*non_idempotent/);
    expect(nginx.match(/proxy_next_upstream .*;/g)).toEqual([
      'proxy_next_upstream error timeout;',
      'proxy_next_upstream off;',
    ]);
    expect(haproxy.match(/retry-on .*/g)).toEqual(['retry-on conn-failure']);
  });

  it('tell their own failures as the gateway does: 503 with Retry-After in place of 502 and 504', () => {
    for (const problem of PROBLEMS.filter(({ status }) => status !== 431 && status !== 414)) {
      expect(nginx).toContain(problemBody(problem, '$edge_trace_id'));
      expect(haproxy).toContain(problemBody(problem, '%[var(txn.trace_id)]'));
    }
    expect(nginx).toContain('error_page 502 503 504 =503 /.problem/503;');
    const [, unavailable] = /location = \/\.problem\/503 \{([^}]*)\}/.exec(nginx.split('listen 443')[1]!) ?? [];
    expect(unavailable).toContain('Retry-After 1 always;');
    for (const status of [502, 503, 504]) expect(haproxy).toMatch(new RegExp(`status ${status} .*hdr Retry-After 1`));
  });

  it('speak for the host that the topology names, with the certificate of the secrets folder', () => {
    expect(file('nginx/nginx.conf', { balancer: { host: 'shop.example.org' } })).toContain(
      'server_name shop.example.org;',
    );
    expect(nginx).toContain('ssl_certificate_key /run/secrets/tls.key;');
    expect(haproxy).toContain('ssl crt /run/secrets/tls.crt ');
  });

  it('leave Kubernetes to its ingress', () => {
    expect(renderBalancer(growingDeployment())).toEqual([]);
  });
});
