import { type DynamicModule, Module, type OnApplicationShutdown, type Provider, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { TokenService } from '@nakku/auth';
import { CoreSettings, serviceUrl } from '@nakku/config';
import { DOMAIN_NAMES, type DomainName, DOMAINS } from '@nakku/contracts';
import { HealthRegistry } from '@nakku/observability';
import { type Api, type Contract, httpClient, internalController, localClient, Peer, RpcSettings } from '@nakku/rpc';
import { operationsOf, Transport } from '@nakku/transport';
import type { DomainDefinition } from './domain.js';
import { Listening } from './listening.js';

/** Knows where every domain runs, and makes the clients to call it. */
export class Peers implements OnApplicationShutdown {
  private readonly peers = new Map<DomainName, Peer>();

  constructor(
    private readonly hosted: ReadonlyMap<string, DomainDefinition>,
    private readonly modules: ModuleRef,
    private readonly core: CoreSettings,
    private readonly rpc: RpcSettings,
    private readonly tokens: TokenService,
    private readonly listening: Listening,
    private readonly transport: Transport,
    health: HealthRegistry,
  ) {
    for (const domain of DOMAIN_NAMES)
      if (!hosted.has(domain)) health.add(`${domain}-service`, () => this.check(domain), { informational: true });
  }

  /** The services of this process. */
  here(): string[] {
    return [...this.hosted.keys()];
  }

  /** The client of a domain's contract: the service itself where it is here, else over HTTP. */
  client<C extends Contract>(domain: DomainName, of: C, local: () => object): Api<C> {
    if (this.hosted.has(domain) && this.rpc.RPC_MODE === 'auto') {
      return localClient(of, () => local() as Api<C>, this.rpc.RPC_TIMEOUT_MS);
    }
    return httpClient(of, this.peer(domain));
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
    await Promise.all([...this.peers.values()].map((peer) => peer.close()));
  }

  private peer(domain: DomainName): Peer {
    const known = this.peers.get(domain);
    if (known) return known;
    const [caller = 'nakku'] = this.hosted.keys();
    const peer = new Peer({
      origin: () => this.origin(domain),
      timeoutMs: this.rpc.RPC_TIMEOUT_MS,
      token: () => this.tokens.signService(caller),
      double: this.rpc.RPC_DOUBLE === 'on',
    });
    this.peers.set(domain, peer);
    return peer;
  }

  private origin(domain: DomainName): string {
    if (this.hosted.has(domain)) return this.listening.origin();
    return serviceUrl(this.core, domain) ?? `http://127.0.0.1:${DOMAINS[domain].port}`;
  }

  private async check(domain: DomainName): Promise<void> {
    const response = await fetch(`${this.origin(domain)}/health/live`, { signal: AbortSignal.timeout(1500) });
    await response.arrayBuffer();
    if (!response.ok) throw Object.assign(new Error(`${domain} is not well`), { code: 'NOT_HEALTHY' });
  }
}

/** Binds every domain's API token to the right client; mounts `/internal` where somebody calls over HTTP. */
@Module({})
export class PeersModule {
  static for(definitions: readonly DomainDefinition[], mountInternal: boolean): DynamicModule {
    const hosted = new Map<string, DomainDefinition>(definitions.map((definition) => [definition.name, definition]));
    const inject = [ModuleRef, CoreSettings, RpcSettings, TokenService, Listening, Transport, HealthRegistry];
    const peers: Provider = {
      provide: Peers,
      inject,
      useFactory: (...args: ConstructorParameters<typeof Peers> extends [unknown, ...infer Rest] ? Rest : never) =>
        new Peers(hosted, ...args),
    };
    const tokens: Provider[] = DOMAIN_NAMES.map((domain) => ({
      provide: DOMAINS[domain].api,
      inject: [Peers],
      useFactory: (all: Peers) => all.api(domain),
    }));
    return {
      module: PeersModule,
      global: true,
      controllers: mountInternal ? internals(definitions) : [],
      providers: [peers, Listening, ...tokens],
      exports: [Peers, Listening, ...DOMAIN_NAMES.map((domain) => DOMAINS[domain].api)],
    };
  }
}

function internals(definitions: readonly DomainDefinition[]): Type[] {
  return definitions.flatMap(({ name, service }) => {
    if (name === 'gateway' || !service) return [];
    const ofDomain = internalController(DOMAINS[name].api.contract, (modules) =>
      modules.get<object>(service, { strict: false }),
    );
    const ofEvents = internalController(operationsOf(name), (modules) =>
      modules.get(Transport, { strict: false }).operations(name),
    );
    return [ofDomain, ofEvents];
  });
}
