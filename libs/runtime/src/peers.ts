import type { OnApplicationShutdown } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { TokenService } from '@nakku/auth';
import { type CoreSettings, serviceUrls } from '@nakku/config';
import { DOMAIN_NAMES, type DomainName, DOMAINS } from '@nakku/contracts';
import type { HealthRegistry, Metrics } from '@nakku/observability';
import {
  type Api,
  type Contract,
  discover,
  type DiscoverySettings,
  fixed,
  httpClient,
  localClient,
  Peer,
  type RpcSettings,
  Upstreams,
} from '@nakku/rpc';
import { operationsOf, type Transport } from '@nakku/transport';
import { callsOf } from './calls.js';
import type { DomainDefinition } from './domain.js';
import type { Listening } from './listening.js';

const HEALTH_MS = 1500;

/** Knows where every domain runs, and makes the clients to call it. */
export class Peers implements OnApplicationShutdown {
  private readonly known = new Map<DomainName, { upstreams: Upstreams; peer: Peer }>();

  constructor(
    private readonly hosted: ReadonlyMap<string, DomainDefinition>,
    private readonly modules: ModuleRef,
    private readonly core: CoreSettings,
    private readonly rpc: RpcSettings,
    private readonly discovery: DiscoverySettings,
    private readonly tokens: TokenService,
    private readonly listening: Listening,
    private readonly transport: Transport,
    private readonly metrics: Metrics,
    health: HealthRegistry,
  ) {
    metrics.beforeRender(() => this.measure());
    if (hosted.has('user')) tokens.requireSigning();
    for (const domain of this.called())
      health.add(`${domain}-service`, () => this.check(domain), { informational: true });
  }

  /** The services of this process. */
  here(): string[] {
    return [...this.hosted.keys()];
  }

  /** The domains that other processes host. */
  elsewhere(): DomainName[] {
    return DOMAIN_NAMES.filter((domain) => !this.hosted.has(domain));
  }

  /** Those of them that the services of this process call; the gateway calls everybody. */
  private called(): DomainName[] {
    const calls = new Set([...this.hosted.values()].flatMap(({ module }) => callsOf(module)));
    return this.elsewhere().filter((domain) => this.hosted.has('gateway') || calls.has(domain));
  }

  /** The copies of a domain's service. */
  upstreams(domain: DomainName): Upstreams {
    return this.of(domain).upstreams;
  }

  /** The client of a domain's contract: the service itself where it is here, else over HTTP. */
  client<C extends Contract>(domain: DomainName, of: C, local: () => object): Api<C> {
    if (this.hosted.has(domain) && this.rpc.RPC_MODE === 'auto') {
      return localClient(of, () => local() as Api<C>, this.rpc.RPC_TIMEOUT_MS);
    }
    return httpClient(of, this.of(domain).peer);
  }

  /** The client of what `domain` implements. */
  api(domain: DomainName): Api<Contract> {
    return this.client(domain, DOMAINS[domain].api.contract, () =>
      this.modules.get(this.hosted.get(domain)!.service!, { strict: false }),
    );
  }

  /** The client of a domain's event operations (dead letters, outbox). */
  events(domain: DomainName) {
    return this.client(domain, operationsOf(domain), () => this.transport.operations(domain));
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.known.values()].map(({ upstreams }) => upstreams.destroy()));
  }

  private measure(): void {
    for (const [service, { upstreams }] of this.known) {
      const { copies, usable, repeated } = upstreams.stats();
      const set = (name: string, help: string, value: number) =>
        this.metrics.gauge(name, help, ['service']).set({ service }, value);
      set('nakku_upstream_copies', 'Known copies of a service', copies);
      set('nakku_upstream_usable', 'Copies of a service that are not left alone for being sick', usable);
      set('nakku_upstream_repeated', 'Requests sent again to a service since the start', repeated);
    }
  }

  private of(domain: DomainName): { upstreams: Upstreams; peer: Peer } {
    const known = this.known.get(domain);
    if (known) return known;
    const upstreams = new Upstreams(domain, this.places(domain));
    const [caller = 'nakku'] = this.hosted.keys();
    const peer = new Peer({
      upstreams,
      timeoutMs: this.rpc.RPC_TIMEOUT_MS,
      token: () => this.tokens.signService(caller),
      double: this.rpc.RPC_DOUBLE === 'on',
    });
    this.known.set(domain, { upstreams, peer });
    return { upstreams, peer };
  }

  private places(domain: DomainName) {
    if (this.hosted.has(domain)) return fixed(() => [this.listening.origin()]);
    const usual = `http://127.0.0.1:${DOMAINS[domain].port}`;
    return discover(domain, serviceUrls(this.core, domain), this.discovery, usual);
  }

  private async check(domain: DomainName): Promise<void> {
    const message = { method: 'GET' as const, path: '/health/live', headers: {} };
    const { statusCode, body } = await this.upstreams(domain)
      .send(message, { repeat: 'never', deadline: Date.now() + HEALTH_MS })
      .catch((cause: unknown) => {
        throw Object.assign(new Error(`${domain} does not answer`, { cause }), { code: 'NO_ANSWER' });
      });
    await body.dump();
    if (statusCode !== 200) throw Object.assign(new Error(`${domain} is not well`), { code: 'NOT_HEALTHY' });
  }
}
