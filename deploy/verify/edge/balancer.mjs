// Starts NGINX or HAProxy of a rendered topology on ports of this machine, before gateways that a check controls.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const ROOT = join(import.meta.dirname, '..', '..', '..');
export const NAME = 'gateway.test';

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function until(what, probe, ms = 20_000) {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(50)) {
    const found = await probe();
    if (found) return found;
  }
  throw new Error(`${what} did not come about within ${ms} ms`);
}

const listens = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/** `addresses` are those of the gateways, all on `gatewayPort`; `limited` also counts requests from this machine. */
export async function startBalancer(kind, gatewayPort, { addresses = ['127.0.0.1'], limited = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), `nakku-${kind}-`));
  chmodSync(folder, 0o755); // NGINX started by root works as somebody else
  const [http, https] = [await freePort(), await freePort()];
  certificate(folder);
  const source = join(ROOT, 'deploy', 'rendered', 'clustered', kind);
  cpSync(source, join(folder, kind), { recursive: true });
  const balancer = { kind, folder, http, https, ca: readFileSync(join(folder, 'tls.crt')) };
  const command = { nginx: prepareNginx, haproxy: prepareHaproxy }[kind](balancer, gatewayPort, addresses, limited);
  // Not a pipe: Node's are sockets, which cannot be opened as /dev/stdout.
  const log = openSync(join(folder, 'log'), 'a');
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', log, log] });
  balancer.child = child;
  balancer.log = () => readFileSync(join(folder, 'log'), 'utf8');
  balancer.stop = async () => {
    child.kill('SIGTERM');
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (!(await Promise.race([ended.then(() => true), sleep(5000).then(() => false)]))) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  await until(`${kind} on ${https}`, () => {
    if (child.exitCode !== null) throw new Error(`${kind} ended: ${balancer.log()}`);
    return listens(https);
  });
  return balancer;
}

export function certificate(folder) {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const files = ['-keyout', join(folder, 'tls.key'), '-out', join(folder, 'tls.crt')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, ...files], {
    stdio: 'ignore',
  });
}

function edit(file, changes) {
  const text = changes.reduce((before, [from, to]) => before.replaceAll(from, to), readFileSync(file, 'utf8'));
  writeFileSync(file, text);
}

/** NGINX runs by its own watch script; the name of the gateways is in a hosts file that only it sees. */
function prepareNginx(balancer, gatewayPort, addresses, limited) {
  const { folder, http, https } = balancer;
  edit(join(folder, 'nginx', 'nginx.conf'), [
    ['/run/secrets', folder],
    ['/tmp/nginx', join(folder, 'run')],
    ['listen 80 ', `listen 127.0.0.1:${http} `],
    ['listen 443 ', `listen 127.0.0.1:${https} `],
    ...(limited ? [['127.0.0.0/8 0;', '']] : []),
  ]);
  edit(join(folder, 'nginx', 'upstream', 'gateway.conf'), [['api-gateway:8080', `${NAME}:${gatewayPort}`]]);
  const hosts = join(folder, 'hosts');
  balancer.resolveTo = (list) =>
    writeFileSync(hosts, ['127.0.0.1 localhost', ...list.map((address) => `${address} ${NAME}`), ''].join('\n'));
  balancer.resolveTo(addresses);
  balancer.leavesIdleOpen = () => spawnSync('nginx', ['-t', '-q', '-c', join(folder, 'run.conf')]).status === 0;
  balancer.reload = () => process.kill(Number(readFileSync(join(folder, 'run.pid'), 'utf8')), 'SIGHUP');
  const script = `mount --bind ${hosts} /etc/hosts && NGINX_CONF=${folder}/nginx/nginx.conf NGINX_CERTIFICATE=${folder}/tls.crt WATCH_SECONDS=1 exec sh ${folder}/nginx/watch.sh`;
  return ['unshare', '-m', 'sh', '-c', script];
}

/** HAProxy asks a name server, which there is none of here: it gets the addresses. */
function prepareHaproxy(balancer, gatewayPort, addresses, limited) {
  const { folder, http, https } = balancer;
  const file = join(folder, 'haproxy', 'haproxy.cfg');
  edit(file, [
    ['/run/secrets', folder],
    ['/tmp/haproxy', join(folder, 'run')],
    ['bind :80', `bind 127.0.0.1:${http}`],
    ['bind :443', `bind 127.0.0.1:${https}`],
    ...(limited ? [['127.0.0.0/8', '']] : []),
    [
      /^ *server-template .*$/gm,
      addresses.map((address, index) => `    server gateway-${index + 1} ${address}:${gatewayPort}`).join('\n'),
    ],
  ]);
  balancer.leavesIdleOpen = () => false;
  balancer.reload = () => balancer.child.kill('SIGUSR2');
  return ['haproxy', '-W', '-db', '-f', file];
}
