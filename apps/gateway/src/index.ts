import { defineDomain } from '@nakku/runtime';
import { configureEdge } from './edge.js';
import { GatewayModule } from './gateway.module.js';

export const gateway = defineDomain({ name: 'gateway', module: GatewayModule, configure: configureEdge });
