export { ConfigError, type BadVariable } from './config.error.js';
export { ConfigModule } from './config.module.js';
export { CoreSettings, DOMAINS, PlaceSettings, serviceUrls, type Domain } from './core.settings.js';
export { Environment } from './environment.js';
export { declaredVariables, list, settings, type SettingsType } from './settings.js';
export { byEnvironment, secret, type Marks } from './variable.js';
