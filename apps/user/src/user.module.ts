import { DomainModule } from '@nakku/runtime';
import { Module } from '@nestjs/common';
import { AccountController } from './account.controller.js';
import { AccountService } from './account.service.js';
import { AddressController } from './address.controller.js';
import { AddressRow } from './address.entity.js';
import { AddressRepository } from './address.repository.js';
import { AddressService } from './address.service.js';
import { Attempt } from './attempt.entity.js';
import { AttemptRepository } from './attempt.repository.js';
import { AttemptService } from './attempt.service.js';
import { CredentialService } from './credential.service.js';
import { GuestService } from './guest.service.js';
import { JwksController } from './jwks.controller.js';
import { User1700000000010 } from './migrations/1700000000010-user.js';
import { OperatorService } from './operator.service.js';
import { PasswordController } from './password.controller.js';
import { PasswordService } from './password.service.js';
import { PlaceService } from './place.service.js';
import { ProfileController } from './profile.controller.js';
import { ProfileService } from './profile.service.js';
import { ResetService } from './reset.service.js';
import { PasswordReset, Session, SpentToken } from './session.entity.js';
import { SessionRepository } from './session.repository.js';
import { SessionService } from './session.service.js';
import { UserSettings } from './user.config.js';
import { UserController } from './user.controller.js';
import { User } from './user.entity.js';
import { UserRepository } from './user.repository.js';
import { UserSeed } from './user.seed.js';
import { UserService } from './user.service.js';

@Module({
  imports: [
    DomainModule.for({
      name: 'user',
      entities: [User, AddressRow, Session, SpentToken, PasswordReset, Attempt],
      migrations: [User1700000000010],
      settings: [UserSettings],
    }),
  ],
  controllers: [
    AccountController,
    PasswordController,
    ProfileController,
    AddressController,
    UserController,
    JwksController,
  ],
  providers: [
    UserRepository,
    AddressRepository,
    SessionRepository,
    UserService,
    AccountService,
    SessionService,
    PasswordService,
    AttemptRepository,
    AttemptService,
    CredentialService,
    ResetService,
    GuestService,
    ProfileService,
    AddressService,
    PlaceService,
    OperatorService,
    UserSeed,
  ],
})
export class UserModule {}
