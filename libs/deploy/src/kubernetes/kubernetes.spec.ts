import { execFileSync } from 'node:child_process';
import { smallDeployment, TWELFTH } from '../deployment.fixture.js';
import { environmentOf } from '../environment.js';
import { render } from '../render.js';
import { filesOf, growingDeployment, objectsOf, ofKind } from './growing.fixture.js';
import { renderKubernetes } from './index.js';

const deployment = growingDeployment();
const namesOf = (kind: string, of = deployment) =>
  ofKind(of, kind)
    .map(({ metadata }) => metadata.name)
    .sort();

describe('Kubernetes', () => {
  it('is rendered for topologies that grow by themselves, and wants servers for their data', () => {
    expect(renderKubernetes(smallDeployment())).toEqual([]);
    expect(() => renderKubernetes({ ...deployment, databases: [] })).toThrow('has autoscale, but no data');
  });

  it('takes the place of containers, of their balancer and of their firewall, whatever the topology is called', () => {
    const paths = render(growingDeployment([], { name: 'elsewhere' })).map(({ path }) => path);
    expect(paths).toContain('rendered/elsewhere/kubernetes/50-order-service.yaml');
    expect(paths.filter((path) => /compose|nginx|haproxy|consul|firewall|logging/.test(path))).toEqual([]);
  });

  it('has a Deployment, two Services, an autoscaler and a budget for each process', () => {
    const apps = ['api-gateway', 'cart-service', 'order-service', 'user-service'];
    expect(namesOf('Deployment')).toEqual(apps);
    expect(namesOf('HorizontalPodAutoscaler')).toEqual(apps);
    expect(namesOf('PodDisruptionBudget')).toEqual(expect.arrayContaining([...apps, 'kafka', 'mysql', 'redis']));
    expect(namesOf('Service')).toEqual(expect.arrayContaining(apps.flatMap((app) => [app, `${app}-copies`])));
  });

  it('has every object once, in the namespace that restricts its pods', () => {
    const names = objectsOf(deployment).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    const [namespace] = ofKind(deployment, 'Namespace');
    expect(namespace!.metadata.labels['pod-security.kubernetes.io/enforce']).toBe('restricted');
    const elsewhere = objectsOf(deployment).filter(({ metadata }) => metadata.namespace !== namespace!.metadata.name);
    expect(elsewhere).toEqual([namespace]);
  });

  it('takes long bodies where a domain says so, and nowhere else', () => {
    const limits = ofKind(deployment, 'Ingress').map(({ metadata, spec }) => [
      spec.rules![0]!.http.paths.map(({ path }) => path),
      metadata.annotations!['nginx.ingress.kubernetes.io/proxy-body-size'],
    ]);
    expect(limits).toEqual([
      [['/'], '1m'],
      [['/api/v1/products/import'], '256m'],
    ]);
  });

  it('keeps two gateways, and all but one copy of everything else, while machines are emptied', () => {
    const allowed = ofKind(deployment, 'PodDisruptionBudget').map(({ metadata, spec }) => [
      metadata.name,
      spec['minAvailable'] ?? `-${String(spec['maxUnavailable'])}`,
    ]);
    expect(Object.fromEntries(allowed)).toEqual({
      'api-gateway': 2,
      'cart-service': '-1',
      'order-service': '-1',
      'user-service': '-1',
      mysql: '-1',
      kafka: '-1',
      redis: '-1',
    });
  });

  it('scales each process by CPU within its bounds, and orders by orders too', () => {
    const scalers = ofKind(deployment, 'HorizontalPodAutoscaler');
    for (const { metadata, spec } of scalers) expect(spec.scaleTargetRef!.name).toBe(metadata.name);
    const order = scalers.find(({ metadata }) => metadata.name === 'order-service')!;
    expect(order.spec).toMatchObject({
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [
        { resource: { name: 'cpu', target: { averageUtilization: 70 } } },
        { pods: { metric: { name: 'nakku_orders_confirmed_per_minute' }, target: { averageValue: '120' } } },
      ],
    });
    expect(filesOf(deployment)['rendered/kubernetes/prometheus-adapter/values.yaml']).toContain(
      'as: nakku_orders_confirmed_per_minute',
    );
  });

  it('answers to every host name that a process is told', () => {
    const services = new Set(namesOf('Service'));
    const told = ofKind(deployment, 'ConfigMap')
      .flatMap(({ data = {} }) => Object.entries(data))
      .filter(([name]) => /_HOSTS?$|_URL$|_BROKERS$|_NODES$/.test(name))
      .flatMap(([, value]) => value.split(',').map((one) => one.replace(/^http:\/\//, '').replace(/:\d+$/, '')));
    expect(told).toEqual(expect.arrayContaining(['mysql-replica-1', 'kafka-3', 'redis-1', 'cart-service-copies']));
    expect(told.filter((host) => !services.has(host))).toEqual([]);
  });

  it('finds the pod of each server by its number', () => {
    const pod = 'statefulset.kubernetes.io/pod-name';
    const found = ofKind(deployment, 'Service').flatMap(({ metadata, spec }) =>
      spec.selector?.[pod] ? [[metadata.name, spec.selector[pod]]] : [],
    );
    expect(Object.fromEntries(found)).toEqual({
      'mysql-primary': 'mysql-0',
      'mysql-replica-1': 'mysql-1',
      'kafka-1': 'kafka-1',
      'kafka-2': 'kafka-2',
      'kafka-3': 'kafka-3',
      'redis-1': 'redis-1',
      'redis-2': 'redis-2',
      'redis-3': 'redis-3',
    });
  });

  it('tells a process what it is told everywhere else', () => {
    const order = deployment.processes.find(({ app }) => app === 'order-service')!;
    const { data } = ofKind(deployment, 'ConfigMap').find(({ metadata }) => metadata.name === 'order-service')!;
    const own = Object.entries(environmentOf(deployment, order)).filter(([name]) => !name.endsWith('_SERVICE_URL'));
    expect(data).toMatchObject(Object.fromEntries(own));
    expect(data!['CART_SERVICE_URL']).toBe('http://cart-service-copies:8085');
  });

  it('knows a service that is new in every kind of object', () => {
    const grown = growingDeployment([TWELFTH]);
    for (const kind of ['Deployment', 'HorizontalPodAutoscaler', 'PodDisruptionBudget', 'Service', 'ServiceAccount'])
      expect([kind, namesOf(kind, grown)]).toEqual([kind, expect.arrayContaining(['loyalty-service'])]);
    for (const kind of ['NetworkPolicy', 'ConfigMap'])
      expect([kind, namesOf(kind, grown)]).toEqual([kind, expect.arrayContaining(['loyalty-service'])]);
    const files = filesOf(grown);
    expect(files['rendered/kubernetes/kubernetes/create-secrets.sh']).toContain(
      'secret loyalty-service jwt_public_key',
    );
    expect(files['rendered/kubernetes/kubernetes/30-mysql.yaml']).toContain('nakku_loyalty');
    const { data } = ofKind(grown, 'ConfigMap').find(({ metadata }) => metadata.name === 'migrate')!;
    expect(data).toHaveProperty('LOYALTY_DB_HOST');
  });

  it('makes pods anew when their variables change', () => {
    const sumOf = (of: typeof deployment) =>
      ofKind(of, 'Deployment').find(({ metadata }) => metadata.name === 'order-service')!.spec.template!.metadata
        .annotations!['checksum/environment'];
    expect(sumOf(growingDeployment())).toBe(sumOf(deployment));
    const { data } = deployment.topology;
    expect(sumOf(growingDeployment([], { data: { ...data, kafka: { ...data!.kafka, brokers: 5 } } }))).not.toBe(
      sumOf(deployment),
    );
  });

  it('tells by its number which server a pod is', () => {
    const [set] = ofKind(deployment, 'StatefulSet').filter(({ metadata }) => metadata.name === 'mysql');
    const script = set!.spec.template!.spec.initContainers![0]!.command![2]!;
    const chosen = (pod: string) =>
      execFileSync('sh', ['-c', script.replace(/^(cp|chmod) .*$/gm, () => 'echo "$1"')], {
        env: { ...process.env, HOSTNAME: pod },
      })
        .toString()
        .split('\n')[0];
    expect([chosen('mysql-0'), chosen('mysql-1')]).toEqual(['mysql-primary', 'mysql-replica-1']);
  });
});
