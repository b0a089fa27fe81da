import { TWELFTH } from '../deployment.fixture.js';
import { growingDeployment, ofKind, type Peer, type Rule, type Seen } from './growing.fixture.js';

const NAME = 'app.kubernetes.io/name';
const policiesOf = (deployment = growingDeployment()) => ofKind(deployment, 'NetworkPolicy');
const appsOf = (peers: Peer[] = []): string[] =>
  peers.flatMap(({ podSelector }) => podSelector?.matchLabels[NAME] ?? []);

/** `order-service>cart-service:8085` for every connection that the rules of one side let through within the namespace. */
function edges(policies: readonly Seen[], side: 'ingress' | 'egress'): string[] {
  return policies
    .flatMap(({ spec }) => {
      const own = spec.podSelector?.matchLabels?.[NAME];
      return (spec[side] ?? []).flatMap(({ from, to, ports = [] }: Rule) =>
        ports.flatMap(({ port }) =>
          own ? appsOf(from ?? to).map((other) => (from ? `${other}>${own}:${port}` : `${own}>${other}:${port}`)) : [],
        ),
      );
    })
    .sort();
}

describe('the network', () => {
  it('lets nobody talk to anybody by itself', () => {
    const everybody = policiesOf().find(({ metadata }) => metadata.name === 'default-deny')!;
    expect(everybody.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });

  it('lets calls through that the catalogue knows, and no others', () => {
    const calls = edges(policiesOf(), 'egress').filter((edge) => />[a-z]+-service:/.test(edge));
    expect(calls).toEqual([
      'api-gateway>cart-service:8085',
      'api-gateway>order-service:8084',
      'api-gateway>user-service:8081',
      'cart-service>order-service:8084',
      'order-service>cart-service:8085',
      'order-service>user-service:8081',
    ]);
  });

  it('lets through at one end what it lets through at the other', () => {
    const policies = policiesOf(growingDeployment([TWELFTH]));
    expect(edges(policies, 'ingress')).toEqual(edges(policies, 'egress'));
  });

  it('keeps the gateway from databases and brokers, and everybody but the gateway from the controller', () => {
    const from = (app: string) => edges(policiesOf(), 'egress').filter((edge) => edge.startsWith(`${app}>`));
    expect(from('api-gateway').filter((edge) => /mysql|kafka/.test(edge))).toEqual([]);
    expect(from('api-gateway')).toContain('api-gateway>redis:6379');
    const namespaces = (name: string) =>
      policiesOf()
        .find(({ metadata }) => metadata.name === name)!
        .spec.ingress!.flatMap(({ from: peers = [] }) => peers.filter(({ namespaceSelector }) => namespaceSelector));
    expect([namespaces('api-gateway').length, namespaces('order-service').length]).toEqual([2, 1]);
  });

  it('lets a service reach the server of its own database only', () => {
    const shards = [
      { name: 'people', services: ['user'] },
      { name: 'orders', services: ['order', 'cart'] },
    ];
    const { data } = growingDeployment().topology;
    const sharded = growingDeployment([], { data: { ...data, database: { engine: 'mysql', replicas: 0, shards } } });
    const databases = edges(policiesOf(sharded), 'egress').filter((edge) => edge.includes('>mysql'));
    expect(databases).toEqual([
      'cart-service>mysql-orders:3306',
      'migrate>mysql-orders:3306',
      'migrate>mysql-people:3306',
      'order-service>mysql-orders:3306',
      'user-service>mysql-people:3306',
    ]);
  });

  it('lets servers find each other, and the job that makes a cluster of them', () => {
    const servers = edges(policiesOf(), 'egress').filter((edge) => /^(mysql|kafka|redis)/.test(edge));
    expect(servers).toEqual([
      'kafka>kafka:9092',
      'kafka>kafka:9093',
      'mysql>mysql:3306',
      'redis-cluster>redis:6379',
      'redis>redis:16379',
      'redis>redis:6379',
    ]);
  });
});
