export {
  activeContext,
  childTraceparent,
  contextFromHeaders,
  currentContext,
  newContext,
  REQUEST_ID_FORM,
  traceIdOf,
  withContext,
  type Actor,
  type Context,
  type Role,
} from './context.js';
export { HealthRegistry, type HealthReport } from './health.registry.js';
export { bindContext, logRequests, observeHttp, type Fastify } from './http.hooks.js';
export { createLogger } from './logger.js';
export { redact } from './redact.js';
export { Metrics } from './metrics.js';
export { ObservabilityModule } from './observability.module.js';
export { Logger, PinoLogger } from 'nestjs-pino';
