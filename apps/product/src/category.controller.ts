import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access } from '@nakku/auth';
import { Idempotent, IdPipe, Returns } from '@nakku/rpc';
import { CategoryChange, CategoryPage, CategoryQuery, CategoryView, NewCategory } from './category.dto.js';
import { CategoryService } from './category.service.js';

@Controller('categories')
@ApiTags('categories')
export class CategoryController {
  constructor(private readonly categories: CategoryService) {}

  @Get()
  @Access('public')
  @Returns(200, CategoryPage)
  list(@Query() query: CategoryQuery) {
    return this.categories.list(query);
  }

  @Post()
  @Access('admin')
  @Idempotent()
  @Returns(201, CategoryView)
  create(@Body() body: NewCategory) {
    return this.categories.create(body);
  }

  @Patch(':id')
  @Access('admin')
  @Returns(200, CategoryView)
  change(@Param('id', IdPipe) id: string, @Body() body: CategoryChange) {
    return this.categories.change(id, body);
  }

  @Delete(':id')
  @Access('admin')
  @HttpCode(204)
  @Returns(204)
  delete(@Param('id', IdPipe) id: string) {
    return this.categories.delete(id);
  }
}
