import { Environment } from '@nakku/config';
import { ConsulStandIn, eventually } from '@nakku/testing';
import { watchConsul } from './consul.discovery.js';
import { discover } from './discovery.js';
import { DiscoverySettings } from './discovery.settings.js';
import { watchNames } from './dns.discovery.js';
import type { Place, Watch } from './place.js';

/** Everything that was told, newest last. */
function listen(watch: Watch) {
  const told: (readonly Place[])[] = [];
  const stop = watch((places) => told.push(places));
  return { told, stop, now: () => told.at(-1)?.map(({ origin }) => origin) };
}

const origins = (...ports: number[]) => ports.map((port) => `http://127.0.0.1:${port}`);

describe('a service of fixed addresses', () => {
  const settings = (raw: Record<string, string> = {}) => new Environment(raw).get(DiscoverySettings);

  it('is at its URLs, at its usual port where it has none', () => {
    expect(listen(discover('order', origins(1, 2), settings(), 'http://127.0.0.1:8084')).now()).toEqual(origins(1, 2));
    expect(listen(discover('order', [], settings(), 'http://127.0.0.1:8084')).now()).toEqual(origins(8084));
  });

  it('is where its URL says, also where there is a Consul', () => {
    const { now } = listen(discover('order', ['http://[::1]:80'], settings({ CONSUL_URL: 'http://127.0.0.1:1' }), ''));
    expect(now()).toEqual(['http://[::1]:80']);
  });

  it('is looked up where its URL has a name', async () => {
    const { now, stop } = listen(discover('order', ['http://localhost:8084'], settings(), ''));
    await eventually('the addresses', async () => now());
    stop();
    expect(now()).toEqual(origins(8084));
  });
});

describe('a service behind a host name', () => {
  const addresses = (...list: string[]) => list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

  it('has a copy at every address of the name, with the name that its certificate is for', async () => {
    const look = async () => addresses('10.0.0.1', '10.0.0.2');
    const { told, stop } = listen(watchNames(['https://order:8084', 'https://10.0.0.9:1'], 1000, look));
    await eventually('the addresses', async () => told.length);
    stop();
    expect(told[0]).toEqual([
      { origin: 'https://10.0.0.1:8084', servername: 'order' },
      { origin: 'https://10.0.0.2:8084', servername: 'order' },
      { origin: 'https://10.0.0.9:1' },
    ]);
  });

  it('has one copy where a machine has an IPv4 and an IPv6 address', async () => {
    const both = listen(watchNames(['http://a:1'], 1000, async () => addresses('::1', '127.0.0.1')));
    const six = listen(watchNames(['http://a:1'], 1000, async () => addresses('fd00::1')));
    await eventually('the addresses', async () => both.now() && six.now());
    for (const { stop } of [both, six]) stop();
    expect([both.now(), six.now()]).toEqual([origins(1), ['http://[fd00::1]:1']]);
  });

  it('is looked up again and again; a name server that fails changes nothing', async () => {
    let found: string[] | undefined = ['127.0.0.1'];
    let looks = 0;
    const look = async () => {
      looks++;
      if (!found) throw Object.assign(new Error('no answer'), { code: 'EAI_AGAIN' });
      return addresses(...found);
    };
    const { now, stop } = listen(watchNames(['http://order:80'], 50, look));
    await eventually('the first address', async () => now()?.length === 1);
    found = ['127.0.0.1', '127.0.0.2'];
    await eventually('the second address', async () => now()?.length === 2);
    found = undefined;
    const before = looks;
    await eventually('two more looks', async () => looks > before + 1);
    expect(now()).toEqual(['http://127.0.0.1', 'http://127.0.0.2']);
    stop();
  });

  it('is nowhere while its name has never been found', async () => {
    const { now, stop } = listen(watchNames(['http://nobody:80'], 1000, () => Promise.reject(new Error('ENOTFOUND'))));
    expect(await eventually('the answer', async () => now())).toEqual([]);
    stop();
  });
});

describe('a service that Consul knows', () => {
  const consul = new ConsulStandIn();
  let url: string;
  const copy = (port: number, more: object = {}) => ({
    name: 'order-service',
    address: '127.0.0.1',
    node: '10.9.9.9',
    port,
    passing: true,
    ...more,
  });

  beforeAll(async () => (url = await consul.start()));
  afterAll(() => consul.stop());
  afterEach(() => (consul.down = false));

  const watched = (name = 'order-service') => listen(watchConsul(name, { url, token: 'secret' }));

  it('is where its healthy copies are, at their own address or their node’s', async () => {
    consul.set(copy(1), copy(2, { passing: false }), copy(3, { address: '' }), copy(4, { name: 'cart-service' }));
    const { now, stop } = watched();
    expect(await eventually('the answer', async () => now())).toEqual(['http://127.0.0.1:1', 'http://10.9.9.9:3']);
    expect(consul.token).toBe('secret');
    stop();
  });

  it('is followed by questions that wait for a change, not by asking all the time', async () => {
    consul.set(copy(1));
    const { now, stop } = watched();
    await eventually('the first answer', async () => now()?.length === 1);
    await eventually(
      'the waiting question',
      async () => consul.asked.at(-1)?.searchParams.get('index') === String(consul.index),
    );
    const asked = consul.asked.length;
    expect(consul.asked.at(-1)!.searchParams.get('wait')).toBe('30s');
    consul.set(copy(1), copy(2));
    await eventually('the second copy', async () => now()?.length === 2);
    expect(consul.asked.length - asked).toBeLessThanOrEqual(1);
    stop();
  });

  it('stays where it was while Consul does not answer, and moves when it does again', async () => {
    consul.set(copy(1));
    const { told, now, stop } = watched();
    await eventually('the first answer', async () => now()?.length === 1);
    consul.down = true;
    consul.set(copy(5)); // wakes the question that waits
    await eventually('an answer of the old copy or the new', async () => told.length > 1 || consul.asked.length > 2);
    consul.down = false;
    await eventually('the new place', async () => now()?.[0] === 'http://127.0.0.1:5');
    expect(told.every((places) => places.length === 1)).toBe(true);
    stop();
  });

  it('is found again when Consul has lost its state and counts from the beginning', async () => {
    consul.set(copy(1));
    const { now, stop } = watched();
    await eventually('the first answer', async () => now()?.[0]);
    consul.index = 0;
    consul.set(copy(6));
    await eventually('the new place', async () => now()?.[0] === 'http://127.0.0.1:6');
    stop();
  });

  it('is nowhere when Consul does not know it, or cannot be asked', async () => {
    const unknown = watched('nobody-service');
    expect(await eventually('the answer', async () => unknown.now())).toEqual([]);
    unknown.stop();
    const alone = listen(watchConsul('order-service', { url: 'http://127.0.0.1:1' }));
    expect(await eventually('the answer', async () => alone.now())).toEqual([]);
    alone.stop();
  });
});
