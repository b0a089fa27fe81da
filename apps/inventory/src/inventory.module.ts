import { Module } from '@nestjs/common';
import { DomainModule } from '@nakku/runtime';
import { AdjustmentService } from './adjustment.service.js';
import { InventorySettings } from './inventory.config.js';
import { InventoryEvents } from './inventory.events.js';
import { InventorySeed } from './inventory.seed.js';
import { InventoryService } from './inventory.service.js';
import { LedgerService } from './ledger.service.js';
import { Inventory1700000000030 } from './migrations/1700000000030-inventory.js';
import { Movement } from './movement.entity.js';
import { MovementRepository } from './movement.repository.js';
import { Reservation } from './reservation.entity.js';
import { ReservationRepository } from './reservation.repository.js';
import { ReservationService } from './reservation.service.js';
import { ShelfService } from './shelf.service.js';
import { StockController } from './stock.controller.js';
import { Stock } from './stock.entity.js';
import { StockRepository } from './stock.repository.js';
import { StockService } from './stock.service.js';
import { StoreController } from './store.controller.js';
import { Store } from './store.entity.js';
import { StoreRepository } from './store.repository.js';
import { StoreService } from './store.service.js';

const domain = DomainModule.for({
  name: 'inventory',
  entities: [Store, Stock, Reservation, Movement],
  migrations: [Inventory1700000000030],
  settings: [InventorySettings],
});

@Module({
  imports: [domain],
  controllers: [StoreController, StockController, InventoryEvents],
  providers: [
    ...[StoreRepository, StockRepository, MovementRepository, ReservationRepository],
    ...[StoreService, LedgerService, ShelfService, StockService, AdjustmentService],
    ...[ReservationService, InventoryService, InventorySeed],
  ],
})
export class InventoryModule {}
