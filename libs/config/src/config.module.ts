import { Module, type DynamicModule } from '@nestjs/common';
import { CoreSettings } from './core.settings.js';
import { Environment } from './environment.js';

/** Makes the environment and the core settings injectable everywhere. */
@Module({})
export class ConfigModule {
  /** Throws ConfigError when a core variable is wrong. */
  static for(environment: Environment): DynamicModule {
    const providers = [
      { provide: Environment, useValue: environment },
      { provide: CoreSettings, useValue: environment.get(CoreSettings) },
    ];
    return { module: ConfigModule, global: true, providers, exports: providers };
  }
}
