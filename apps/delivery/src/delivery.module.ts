import { Module } from '@nestjs/common';
import { DomainModule } from '@nakku/runtime';
import { DeliverySettings } from './delivery.config.js';
import { DeliveryController } from './delivery.controller.js';
import { Delivery } from './delivery.entity.js';
import { DeliveryEvents } from './delivery.events.js';
import { DeliveryRepository } from './delivery.repository.js';
import { DeliveryService } from './delivery.service.js';
import { DispatchRepository } from './dispatch.repository.js';
import { DispatchService } from './dispatch.service.js';
import { GiveUpService } from './giveup.service.js';
import { HiringService } from './hiring.service.js';
import { JobController } from './job.controller.js';
import { Job } from './job.entity.js';
import { JobRepository } from './job.repository.js';
import { JobService } from './job.service.js';
import { Delivery1700000000070 } from './migrations/delivery.migration.js';
import { OfferService } from './offer.service.js';
import { PickupService } from './pickup.service.js';
import { PlanService } from './plan.service.js';
import { PositionService } from './position.service.js';
import { ProofService } from './proof.service.js';
import { RiderController } from './rider.controller.js';
import { Rider } from './rider.entity.js';
import { RiderRepository } from './rider.repository.js';
import { RiderSeed } from './rider.seed.js';
import { RiderService } from './rider.service.js';
import { WhereaboutsService } from './whereabouts.service.js';

const repositories = [DeliveryRepository, RiderRepository, JobRepository, DispatchRepository];
const assigning = [WhereaboutsService, PickupService, OfferService, DispatchService, PlanService, GiveUpService];
const riding = [RiderService, HiringService, PositionService, JobService, ProofService, DeliveryService];

@Module({
  imports: [
    DomainModule.for({
      name: 'delivery',
      entities: [Delivery, Rider, Job],
      migrations: [Delivery1700000000070],
      settings: [DeliverySettings],
    }),
  ],
  controllers: [RiderController, JobController, DeliveryController, DeliveryEvents],
  providers: [...repositories, ...assigning, ...riding, RiderSeed],
})
export class DeliveryModule {}
