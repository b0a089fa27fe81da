import { OrderApi } from '@nakku/contracts';
import { defineDomain } from '@nakku/runtime';
import { OrderModule } from './order.module.js';
import { OrderService } from './order.service.js';

export const order = defineDomain({ name: 'order', module: OrderModule, api: OrderApi, service: OrderService });
