import { UserApi } from '@nakku/contracts';
import { defineDomain } from '@nakku/runtime';
import { OperatorService } from './operator.service.js';
import { UserModule } from './user.module.js';
import { UserSeed } from './user.seed.js';
import { UserService } from './user.service.js';

export const user = defineDomain({
  name: 'user',
  module: UserModule,
  api: UserApi,
  service: UserService,
  seed: UserSeed,
  accounts: OperatorService,
});
