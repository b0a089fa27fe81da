import { smallDeployment, TWELFTH } from '../deployment.fixture.js';
import { renderDiscovery } from './index.js';

interface Definition {
  id: string;
  name: string;
  address?: string;
  port: number;
  check: { http: string; interval: string };
}

describe('Consul definitions', () => {
  const rendered = (path: string, deployment = smallDeployment()): Definition[] => {
    const file = renderDiscovery(deployment).find((one) => one.path === `rendered/small/consul/${path}.json`);
    return (JSON.parse(file?.content ?? '{"services":[]}') as { services: Definition[] }).services;
  };

  it('tell where each copy is, under the name that services ask for, and ask it every ten seconds whether it is ready', () => {
    expect(rendered('order-service').map(({ id, name, address, port }) => [id, name, address, port])).toEqual([
      ['order-service-1', 'order-service', 'nakku-order-service-1', 8084],
      ['order-service-2', 'order-service', 'nakku-order-service-2', 8084],
    ]);
    expect(rendered('order-service')[1]!.check).toMatchObject({
      http: 'http://nakku-order-service-2:8084/health/ready',
      interval: '10s',
    });
  });

  it('have one copy at its own address for an agent on each server', () => {
    const [order, ...others] = rendered('servers/order-service');
    expect(others).toEqual([]);
    expect(order).not.toHaveProperty('address');
    expect(order!.check.http).toBe('http://127.0.0.1:8084/health/ready');
  });

  it('name every service of a process that hosts several', () => {
    const size = { replicas: 1, resources: { memoryMb: 256, cpu: 0.25 } };
    const processes = [
      { name: 'gateway', port: 8080, services: ['gateway'], ...size },
      { name: 'shop', port: 8084, services: ['user', 'order', 'cart'], ...size },
    ];
    const names = rendered('shop', smallDeployment([], { processes })).map(({ name, port }) => `${name} ${port}`);
    expect(names).toEqual(['user-service 8084', 'order-service 8084', 'cart-service 8084']);
  });

  it('are there for a new service, and not where there is nobody to find', () => {
    expect(rendered('loyalty-service', smallDeployment([TWELFTH]))).toHaveLength(2);
    const size = { replicas: 1, resources: { memoryMb: 256, cpu: 0.25 } };
    const one = { name: 'nakku', port: 8080, services: ['gateway', 'user', 'order', 'cart'], ...size };
    expect(renderDiscovery(smallDeployment([], { processes: [one] }))).toEqual([]);
  });
});
