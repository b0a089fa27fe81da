import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access, CurrentActor } from '@nakku/auth';
import type { Actor } from '@nakku/observability';
import { IdPipe, Returns } from '@nakku/rpc';
import { CompleteJob, FailJob, JobList, JobQuery, JobView } from './job.dto.js';
import { JobService } from './job.service.js';
import { ProofService } from './proof.service.js';

@Controller('delivery/jobs')
@ApiTags('delivery')
@Access('rider')
export class JobController {
  constructor(
    private readonly jobs: JobService,
    private readonly proof: ProofService,
  ) {}

  @Get()
  @Returns(200, JobList)
  list(@Query() query: JobQuery, @CurrentActor() actor: Actor) {
    return this.jobs.list(actor, query);
  }

  @Post(':id/accept')
  @HttpCode(200)
  @Returns(200, JobView)
  accept(@Param('id', IdPipe) id: string, @CurrentActor() actor: Actor) {
    return this.jobs.accept(actor, id);
  }

  @Post(':id/reject')
  @HttpCode(200)
  @Returns(200, JobView)
  reject(@Param('id', IdPipe) id: string, @CurrentActor() actor: Actor) {
    return this.jobs.reject(actor, id);
  }

  @Post(':id/pickup')
  @HttpCode(200)
  @Returns(200, JobView)
  pickUp(@Param('id', IdPipe) id: string, @CurrentActor() actor: Actor) {
    return this.jobs.pickUp(actor, id);
  }

  @Post(':id/complete')
  @HttpCode(200)
  @Returns(200, JobView)
  complete(@Param('id', IdPipe) id: string, @Body() body: CompleteJob, @CurrentActor() actor: Actor) {
    return this.proof.complete(actor, id, body.otp);
  }

  @Post(':id/fail')
  @HttpCode(200)
  @Returns(200, JobView)
  fail(@Param('id', IdPipe) id: string, @Body() body: FailJob, @CurrentActor() actor: Actor) {
    return this.jobs.fail(actor, id, body.reason);
  }
}
