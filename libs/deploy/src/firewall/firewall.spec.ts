import { smallDeployment, TWELFTH } from '../deployment.fixture.js';
import { renderFirewall } from './index.js';

describe('firewalls', () => {
  const rules = (deployment = smallDeployment()) => {
    const files = renderFirewall(deployment);
    const of = (role: string) => files.find(({ path }) => path.endsWith(`/${role}.nft`))?.content ?? '';
    return (role: string) =>
      [...of(role).matchAll(/(?:ip saddr \$(\S+) )?tcp dport (\{.*?\}|\d+) accept/g)]
        .map(([, from, ports]) => `${from ?? 'all'} ${ports}`)
        .filter((rule) => rule !== 'MANAGEMENT 22');
  };

  it('open the balancer alone to everybody, and of it 80 and 443 alone', () => {
    expect(rules()('balancer')).toEqual(['all { 80, 443 }']);
    for (const { path, content } of renderFirewall(smallDeployment())) {
      expect(content).toContain('policy drop;');
      expect(/^ *tcp dport/m.test(content)).toBe(path.endsWith('/balancer.nft'));
    }
  });

  it('let a service be reached by those that call it and by monitoring', () => {
    const of = rules();
    expect(of('api-gateway')).toEqual(['BALANCER 8080', 'MONITORING 8080']);
    expect(of('order-service')).toEqual(['API_GATEWAY 8084', 'CART_SERVICE 8084', 'MONITORING 8084']);
    expect(of('user-service')).toEqual(['API_GATEWAY 8081', 'ORDER_SERVICE 8081', 'MONITORING 8081']);
  });

  it('let databases, brokers and caches be reached by those whose data they hold, and by each other', () => {
    const of = rules();
    expect(of('mysql-primary')).not.toContain('API_GATEWAY 3306');
    expect(of('mysql-primary')).toEqual(expect.arrayContaining(['ORDER_SERVICE 3306', 'MYSQL_PRIMARY 3306']));
    expect(of('kafka')).toEqual(expect.arrayContaining(['CART_SERVICE 9092', 'KAFKA { 9092, 9093 }']));
    expect(of('redis')).toEqual(expect.arrayContaining(['API_GATEWAY 6379', 'REDIS { 6379, 16379 }']));
    const shards = [
      { name: 'a', services: ['user'] },
      { name: 'b', services: ['order', 'cart'] },
    ];
    const data = { ...smallDeployment().topology.data, database: { engine: 'mysql', replicas: 0, shards } };
    expect(rules(smallDeployment([], { data }))('mysql-a')).toEqual(['USER_SERVICE 3306', 'MANAGEMENT 3306']);
  });

  it('name every set that a rule uses, once', () => {
    for (const { content } of renderFirewall(smallDeployment())) {
      const defined = [...content.matchAll(/^define (\S+)/gm)].map(([, name]) => name);
      const used = new Set([...content.matchAll(/saddr \$(\S+)/g)].map(([, name]) => name));
      expect(new Set(defined).size).toBe(defined.length);
      for (const name of used) expect(defined).toContain(name);
    }
  });

  it('let a service that is new in where it calls, and its callers in to it', () => {
    const of = rules(smallDeployment([TWELFTH]));
    expect(of('loyalty-service')).toEqual(['API_GATEWAY 8091', 'MONITORING 8091']);
    expect(of('order-service')).toContain('LOYALTY_SERVICE 8084');
    for (const role of ['mysql-primary', 'kafka', 'redis'])
      expect(of(role).some((rule) => rule.startsWith('LOYALTY_SERVICE '))).toBe(true);
  });

  it('open Consul to processes where they find each other by it, and them to its checks', () => {
    const of = rules(smallDeployment([], { discovery: 'consul' }));
    expect(of('consul')).toContain('ORDER_SERVICE 8500');
    expect(of('order-service')).toContain('CONSUL 8084');
    expect(rules()('consul')).toEqual([]);
  });
});
