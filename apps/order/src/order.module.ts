import { Module } from '@nestjs/common';
import { DomainModule } from '@nakku/runtime';
import { CancellingService } from './cancelling.service.js';
import { CheckoutService } from './checkout.service.js';
import { Orders1700000000010 } from './migrations/1700000000010-orders.js';
import { OrderSettings } from './order.config.js';
import { OrderController } from './order.controller.js';
import { Order, OrderItem } from './order.entity.js';
import { OrderEvents } from './order.events.js';
import { OrderRepository } from './order.repository.js';
import { OrderService } from './order.service.js';
import { PickingController } from './picking.controller.js';
import { PickingService } from './picking.service.js';
import { PlacingService } from './placing.service.js';
import { SagaService } from './saga.service.js';
import { StreamController } from './stream.controller.js';
import { StreamService } from './stream.service.js';
import { OrderUpdate } from './update.entity.js';
import { UpdateRepository } from './update.repository.js';
import { UpdateService } from './update.service.js';

const store = DomainModule.for({
  name: 'order',
  entities: [Order, OrderItem, OrderUpdate],
  migrations: [Orders1700000000010],
  settings: [OrderSettings],
});

@Module({
  imports: [store],
  controllers: [OrderController, PickingController, StreamController, OrderEvents],
  providers: [
    OrderRepository,
    UpdateRepository,
    UpdateService,
    SagaService,
    CheckoutService,
    PlacingService,
    OrderService,
    CancellingService,
    PickingService,
    StreamService,
  ],
})
export class OrderModule {}
