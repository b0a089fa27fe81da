import { PaymentApi } from '@nakku/contracts';
import { defineDomain } from '@nakku/runtime';
import { PaymentModule } from './payment.module.js';
import { PaymentService } from './payment.service.js';

export const payment = defineDomain({
  name: 'payment',
  module: PaymentModule,
  api: PaymentApi,
  service: PaymentService,
});
