import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access } from '@nakku/auth';
import { decodeCursor, type Page, paged, Returns } from '@nakku/rpc';
import { z } from 'zod';
import type { LedgerRow } from './ledger.entity.js';
import { LedgerRepository } from './ledger.repository.js';
import { LedgerPage, LedgerQuery } from './payment.dto.js';

@Controller('payments/ledger')
@ApiTags('payments')
export class LedgerController {
  constructor(private readonly ledger: LedgerRepository) {}

  @Get()
  @Access('admin')
  @Returns(200, LedgerPage)
  async list(@Query() { limit, cursor, ...filter }: LedgerQuery): Promise<Page<LedgerRow>> {
    const before = cursor === undefined ? undefined : decodeCursor(cursor, z.uuid());
    return paged(await this.ledger.list({ ...filter, before, limit: limit + 1 }), limit, ({ id }) => id);
  }
}
