import { defineDomain } from '@nakku/runtime';
import { configureEdge } from './edge.js';
import { GatewaySettings } from './gateway.config.js';
import { GatewayModule } from './gateway.module.js';

export const gateway = defineDomain({
  name: 'gateway',
  module: GatewayModule,
  settings: [GatewaySettings],
  configure: configureEdge,
});
