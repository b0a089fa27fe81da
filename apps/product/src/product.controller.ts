import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { Access } from '@nakku/auth';
import { Idempotent, IdPipe, Returns } from '@nakku/rpc';
import type { Expected } from './edit.js';
import { EditService } from './edit.service.js';
import { EtagInterceptor, IfMatch } from './etag.js';
import { ListingService } from './listing.service.js';
import {
  NewProduct,
  ProductChange,
  ProductList,
  ProductPage,
  ProductQuery,
  ProductView,
  RecommendationQuery,
} from './product.dto.js';
import { productView } from './product.js';
import { ProductService } from './product.service.js';
import { RecommendationService } from './recommendation.service.js';

@Controller('products')
@ApiTags('products')
export class ProductController {
  constructor(
    private readonly listing: ListingService,
    private readonly products: ProductService,
    private readonly recommendations: RecommendationService,
    private readonly edits: EditService,
  ) {}

  @Get()
  @Access('public')
  @Returns(200, ProductList)
  list(@Query() query: ProductQuery) {
    return this.listing.list(query);
  }

  @Get(':id')
  @Access('public')
  @UseInterceptors(EtagInterceptor)
  @ApiHeader({
    name: 'If-None-Match',
    required: false,
    description: 'ETag of the version that you have: 304 if it is the present one',
  })
  @Returns(200, ProductView)
  async get(@Param('id', IdPipe) id: string) {
    return productView(await this.products.get(id));
  }

  @Get(':id/recommendations')
  @Access('public')
  @Returns(200, ProductPage)
  recommend(@Param('id', IdPipe) id: string, @Query() { limit }: RecommendationQuery) {
    return this.recommendations.of(id, limit);
  }

  @Post()
  @Access('admin')
  @Idempotent()
  @UseInterceptors(EtagInterceptor)
  @Returns(201, ProductView)
  create(@Body() body: NewProduct) {
    return this.edits.create(body);
  }

  @Patch(':id')
  @Access('admin')
  @UseInterceptors(EtagInterceptor)
  @ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'ETag of the version that the change is based on; or send `version`',
  })
  @Returns(200, ProductView)
  change(@Param('id', IdPipe) id: string, @Body() body: ProductChange, @IfMatch() ifMatch: Expected) {
    return this.edits.change(id, body, ifMatch);
  }

  @Delete(':id')
  @Access('admin')
  @HttpCode(204)
  @ApiHeader({ name: 'If-Match', required: false, description: 'Deletes this version only' })
  @Returns(204)
  delete(@Param('id', IdPipe) id: string, @IfMatch() ifMatch: Expected) {
    return this.edits.delete(id, ifMatch);
  }
}
