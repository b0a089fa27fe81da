import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { TokenService } from '@nakku/auth';
import { CoreSettings } from '@nakku/config';
import { DOMAIN_NAMES, DOMAINS } from '@nakku/contracts';
import { HealthRegistry, Metrics } from '@nakku/observability';
import { DiscoverySettings, internalController, RpcSettings } from '@nakku/rpc';
import { operationsOf, Transport } from '@nakku/transport';
import type { DomainDefinition } from './domain.js';
import { Listening } from './listening.js';
import { Peers } from './peers.js';

type Given = ConstructorParameters<typeof Peers> extends [unknown, ...infer Rest] ? Rest : never;

/** Binds every domain's API token to the right client; mounts `/internal` where somebody calls over HTTP. */
@Module({})
export class PeersModule {
  static for(definitions: readonly DomainDefinition[], mountInternal: boolean): DynamicModule {
    const hosted = new Map<string, DomainDefinition>(definitions.map((definition) => [definition.name, definition]));
    const settings = [CoreSettings, RpcSettings, DiscoverySettings];
    const inject = [ModuleRef, ...settings, TokenService, Listening, Transport, Metrics, HealthRegistry];
    const peers: Provider = { provide: Peers, inject, useFactory: (...args: Given) => new Peers(hosted, ...args) };
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
