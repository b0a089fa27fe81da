import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ConfigModule } from './config.module.js';
import { CoreSettings } from './core.settings.js';
import { Environment } from './environment.js';

@Injectable()
class Reader {
  constructor(
    readonly environment: Environment,
    readonly core: CoreSettings,
  ) {}
}

@Module({ providers: [Reader] })
class ReaderModule {}

describe('ConfigModule', () => {
  it('gives the environment and the core settings to modules that do not import it', async () => {
    const environment = new Environment({ PORT: '0' });
    const module = await Test.createTestingModule({ imports: [ConfigModule.for(environment), ReaderModule] }).compile();

    expect(module.get(Reader).environment).toBe(environment);
    expect(module.get(Reader).core).toBe(environment.get(CoreSettings));
  });

  it('stops the start when a core variable is wrong', () => {
    expect(() => ConfigModule.for(new Environment({ PORT: 'abc' }))).toThrow(
      'PORT must be an integer from 0 to 65535, but was "abc"',
    );
  });
});
