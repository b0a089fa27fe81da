import type { DomainDefinition, ServiceName } from '@nakku/runtime';
import { analytics } from '../../analytics/src/index.js';
import { cart } from '../../cart/src/index.js';
import { delivery } from '../../delivery/src/index.js';
import { gateway } from '../../gateway/src/index.js';
import { inventory } from '../../inventory/src/index.js';
import { location } from '../../location/src/index.js';
import { notification } from '../../notification/src/index.js';
import { order } from '../../order/src/index.js';
import { payment } from '../../payment/src/index.js';
import { product } from '../../product/src/index.js';
import { user } from '../../user/src/index.js';

/** Every app, by the name under which a topology lists it. */
export const apps: Record<ServiceName, DomainDefinition> = {
  gateway,
  user,
  product,
  inventory,
  order,
  cart,
  payment,
  delivery,
  notification,
  location,
  analytics,
};
