import { badOf, endAll, patientOf, service, withCopies } from './doctor.fixture.js';
import { examine } from './patient.js';
import { clocks, services, versions } from './services.js';
import { deadLetters, memory, orders, outboxes } from './work.js';

const build = (version: string) => `nakku_build_info{version="${version}",service="order"} 1\n`;

describe('the doctor, of services', () => {
  afterEach(endAll);

  it('finds nothing wrong with those that are well', async () => {
    const well = { health: { redis: { status: 'up' } }, metrics: build('1.0.0') };
    const patient = await withCopies([await service(well), await service(well)]);
    for (const check of [services, versions, clocks, memory]) expect(await badOf(check, patient)).toEqual({});
    expect(await examine(patient, [versions])).toEqual([{ name: 'versions', status: 'ok', found: '1.0.0 everywhere' }]);
  });

  it('finds what does not answer, what is down and what is degraded, each with what to do', async () => {
    const gone = new URL('http://127.0.0.1:1');
    const down = await service({
      health: { 'order-database': { status: 'down', message: 'failed with ECONNREFUSED' } },
    });
    const degraded = await service({ health: { redis: { status: 'degraded' } } });
    const patient = await withCopies([gone, down, degraded]);
    expect(await badOf(services, patient)).toEqual({
      'order-service at 127.0.0.1:1': expect.stringMatching(/^fail: does not answer: .*ECONNREFUSED/),
      [`order-service at ${down.host}`]: 'fail: order-database is down (failed with ECONNREFUSED)',
      [`order-service at ${degraded.host}`]: 'warn: redis is degraded',
    });
    const findings = await examine(patient, [services]);
    expect(findings.filter(({ status, advice }) => status !== 'ok' && !advice)).toEqual([]);
  });

  it('finds that fewer copies are there than the topology has', async () => {
    const patient = await withCopies([await service()]);
    expect(await badOf(services, patient)).toMatchObject({
      'copies of order-service': 'warn: 1 of the 2 that the topology has',
    });
  });

  it('finds several versions', async () => {
    const urls = [await service({ metrics: build('1.0.0') }), await service({ metrics: build('1.1.0') })];
    expect(await badOf(versions, await withCopies(urls))).toEqual({ versions: 'warn: 1.0.0 and 1.1.0' });
  });

  it('finds a clock that is wrong', async () => {
    const [late, far] = [await service({ date: new Date(Date.now() - 5000) }), await service({ date: new Date(0) })];
    expect(await badOf(clocks, await withCopies([late, far]))).toEqual({
      [`clock of order-service at ${late.host}`]: expect.stringMatching(/^warn: is [456] s behind$/),
      [`clock of order-service at ${far.host}`]: expect.stringMatching(/^fail: is \d+ s behind$/),
    });
  });

  it('finds what waits, what was put aside, what hangs and what is full', async () => {
    const metrics = [
      'nakku_outbox_pending{domain="order"} 12',
      'nakku_outbox_lag_seconds{domain="order"} 45',
      'nakku_dead_letters{domain="order"} 3',
      'nakku_saga_oldest_seconds{status="pending"} 900',
      'process_resident_memory_bytes 990000000',
      'nakku_memory_limit_bytes 1000000000',
    ].join('\n');
    const url = await service({ metrics });
    const patient = await withCopies([url]);
    expect(await badOf(outboxes, patient)).toEqual({ 'outbox of order': 'warn: 12 events, the oldest 45 s old' });
    expect(await badOf(deadLetters, patient)).toEqual({ 'dead letters of order': 'warn: 3' });
    expect(await badOf(orders, patient)).toEqual({ orders: 'fail: the oldest pending order is 900 s old' });
    expect(await badOf(memory, patient)).toEqual({
      [`memory of order-service at ${url.host}`]: 'fail: 99 % of 954 MiB',
    });
  });

  it('needs the token where metrics are guarded, and says so without it', async () => {
    const url = await service({ metrics: build('1.0.0'), token: 'the-token' });
    expect(await examine(await withCopies([url]), [versions])).toMatchObject([
      { status: 'skip', advice: expect.stringContaining('METRICS_TOKEN') },
    ]);
    expect(await examine(await withCopies([url], 'the-token'), [versions])).toMatchObject([{ status: 'ok' }]);
  });

  it('says that what answers is not Nakku', async () => {
    const patient = patientOf({});
    const stranger = { process: patient.deployment.gateway, at: 'here', error: 'what answers there is not Nakku' };
    expect(await badOf(services, patientOf({}, { copies: [stranger] }))).toMatchObject({
      'api-gateway at here': 'fail: does not answer: what answers there is not Nakku',
    });
  });

  it('lets no check that throws or hangs hide the others', async () => {
    const broken = { name: 'broken', look: () => Promise.reject(new Error('oh\nno')) };
    const hanging = { name: 'hanging', look: () => new Promise<never>(() => undefined) };
    const fine = { name: 'fine', look: async () => [{ name: 'fine', status: 'ok' as const, found: 'all' }] };
    const findings = await examine({ ...patientOf({}), timeoutMs: 20 }, [broken, hanging, fine]);
    expect(findings).toMatchObject([
      { name: 'broken', status: 'fail', found: 'could not be looked at: oh no' },
      { name: 'hanging', status: 'fail', found: 'could not be looked at: no answer within 0.08 s' },
      { name: 'fine', status: 'ok' },
    ]);
  });
});
