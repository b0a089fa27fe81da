import { secretKeys } from './secrets.js';
import { type Container, growingDeployment, ofKind, type PodSpec, podsIn } from './growing.fixture.js';

const deployment = growingDeployment();
const pods = podsIn(deployment);
const containersOf = ({ initContainers = [], containers }: PodSpec): Container[] => [...initContainers, ...containers];

describe('a pod', () => {
  it.each(pods)('of %s is one that Pod Security calls restricted, and has an account that opens nothing', (_, pod) => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(pod.securityContext['runAsUser']).toBeGreaterThan(0);
    expect(Object.keys(pod).filter((key) => key.startsWith('host'))).toEqual([]);
    expect(pod.automountServiceAccountToken).toBe(false);
    for (const volume of pod.volumes) expect(['projected', 'emptyDir', 'configMap']).toContain(Object.keys(volume)[1]);
    for (const container of containersOf(pod))
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
  });

  it.each(pods)('of %s has an account of its own, and says what it needs and what it may use', (_, pod) => {
    expect(ofKind(deployment, 'ServiceAccount').map(({ metadata }) => metadata.name)).toContain(pod.serviceAccountName);
    for (const { resources } of containersOf(pod))
      expect(resources).toEqual({
        requests: { cpu: expect.stringMatching(/^\d+m$/), memory: expect.stringMatching(/^\d+Mi$/) },
        limits: { cpu: expect.stringMatching(/^\d+m$/), memory: expect.stringMatching(/^\d+Mi$/) },
      });
  });

  it('that stays is asked whether it has started, serves and lives', () => {
    const staying = [...ofKind(deployment, 'Deployment'), ...ofKind(deployment, 'StatefulSet')];
    const probed = staying.map(({ spec }) => spec.template!.spec.containers[0]!);
    expect(probed).toHaveLength(7);
    for (const container of probed)
      for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
        expect(container[probe]).toHaveProperty('failureThreshold');
  });

  it('of a process serves until nobody looks for it, then has its grace, and is only then cut off', () => {
    for (const { metadata, spec } of ofKind(deployment, 'Deployment')) {
      const { terminationGracePeriodSeconds: seconds = 0, containers } = spec.template!.spec;
      const { preStop } = containers[0]!['lifecycle'] as { preStop: { sleep: { seconds: number } } };
      const { data } = ofKind(deployment, 'ConfigMap').find((map) => map.metadata.name === metadata.name)!;
      expect(preStop.sleep.seconds).toBeGreaterThan(30);
      expect(seconds).toBeGreaterThan(preStop.sleep.seconds + Number(data!['SHUTDOWN_GRACE_MS']) / 1000);
    }
  });

  it('of a service waits for its migrations; the gateway has none', () => {
    const waiting = ofKind(deployment, 'Deployment').filter(({ spec }) => spec.template!.spec.initContainers);
    expect(waiting.map(({ metadata }) => metadata.name)).toEqual(['user-service', 'order-service', 'cart-service']);
    expect(waiting[0]!.spec.template!.spec.initContainers![0]!.command!.join(' ')).toContain('nakku migrate status');
  });
});

describe('a secret', () => {
  const mounted = (name: string): string[] =>
    pods
      .find(([pod]) => pod === name)![1]
      .volumes.flatMap(({ projected }) => projected?.sources ?? [])
      .flatMap(({ secret }) => (secret.items ?? []).map(({ key }) => `${secret.name}/${key}`));

  it('is mounted where it is needed and nowhere else', () => {
    expect(mounted('order-service')).toEqual([
      'order-service/jwt_public_key',
      'order-service/internal_secret',
      'order-service/metrics_token',
      'order-service/order_db_password',
      'order-service/redis_url',
    ]);
    expect(mounted('user-service')).toContain('user-service/jwt_private_key');
    expect(mounted('api-gateway').filter((key) => key.includes('password'))).toEqual([]);
    expect(mounted('migrate-1')).toEqual(['migrate/migration_db_password']);
  });

  it('is made by the script under the names that are mounted', () => {
    const made = Object.entries(secretKeys(deployment)).flatMap(([name, keys]) => keys.map((key) => `${name}/${key}`));
    const wanted = pods.flatMap(([name]) => mounted(name));
    expect([...new Set(wanted)].sort()).toEqual(made.sort());
  });

  it('is told as a file; no manifest has one', () => {
    expect(ofKind(deployment, 'Secret')).toEqual([]);
    for (const [, pod] of pods)
      for (const { env = [] } of containersOf(pod))
        for (const { name, value } of env.filter(({ name }) => /PASSWORD|SECRET|TOKEN|KEY/.test(name)))
          expect([name, value]).toEqual([expect.stringMatching(/_FILE$/), expect.stringMatching(/^\/run\/secrets\//)]);
    for (const { data = {} } of ofKind(deployment, 'ConfigMap'))
      expect(Object.keys(data).filter((name) => /^\w*(PASSWORD|SECRET|TOKEN)$/.test(name))).toEqual([]);
  });
});
