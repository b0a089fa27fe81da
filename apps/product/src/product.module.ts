import { Module } from '@nestjs/common';
import { DomainModule } from '@nakku/runtime';
import { Catalogue } from './catalogue.js';
import { CatalogueService } from './catalogue.service.js';
import { CategoryController } from './category.controller.js';
import { Category } from './category.entity.js';
import { CategoryRepository } from './category.repository.js';
import { CategoryService } from './category.service.js';
import { CoPurchase } from './co-purchase.entity.js';
import { CoPurchaseRepository } from './co-purchase.repository.js';
import { EditService } from './edit.service.js';
import { ListingService } from './listing.service.js';
import { Product1700000000020 } from './migrations/1700000000020-product.js';
import { ProductController } from './product.controller.js';
import { Product } from './product.entity.js';
import { ProductEvents } from './product.events.js';
import { ProductRepository } from './product.repository.js';
import { ProductSeed } from './product.seed.js';
import { ProductService } from './product.service.js';
import { RecommendationService } from './recommendation.service.js';
import { StockService } from './stock.service.js';

@Module({
  imports: [
    DomainModule.for({
      name: 'product',
      entities: [Product, Category, CoPurchase],
      migrations: [Product1700000000020],
    }),
  ],
  controllers: [ProductController, CategoryController, ProductEvents],
  providers: [
    Catalogue,
    CatalogueService,
    ProductRepository,
    ProductService,
    EditService,
    ListingService,
    StockService,
    RecommendationService,
    CategoryRepository,
    CategoryService,
    CoPurchaseRepository,
    ProductSeed,
  ],
})
export class ProductModule {}
