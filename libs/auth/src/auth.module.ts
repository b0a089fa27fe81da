import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccessGuard } from './access.js';
import { Passwords } from './passwords.js';
import { ReplicaReads } from './replica.reads.js';
import { TokenService } from './token.service.js';

/** Tokens, passwords and the guard that holds every route to its declared access. */
@Module({})
export class AuthModule {
  static for(): DynamicModule {
    return {
      module: AuthModule,
      global: true,
      providers: [TokenService, Passwords, ReplicaReads, { provide: APP_GUARD, useClass: AccessGuard }],
      exports: [TokenService, Passwords, ReplicaReads],
    };
  }
}
