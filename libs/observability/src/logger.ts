import type { CoreSettings } from '@nakku/config';
import { pino, stdSerializers, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { activeContext, traceIdOf } from './context.js';
import { prettyTo } from './pretty.js';
import { redact } from './redact.js';

/** The process's pino logger: one JSON object a line (or one plain line), with request and trace id, without secrets. */
export function createLogger(
  core: Pick<CoreSettings, 'LOG_LEVEL' | 'LOG_FORMAT'>,
  destination: DestinationStream = process.stdout,
): Logger {
  return pino(
    {
      level: core.LOG_LEVEL,
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      mixin: ids,
      formatters: { level: (level) => ({ level }), log: redact },
      serializers: { err: withoutSecrets, error: withoutSecrets },
    },
    core.LOG_FORMAT === 'pretty' ? prettyTo(destination) : destination,
  );
}

function ids(): object {
  const context = activeContext();
  return context ? { requestId: context.requestId, traceId: traceIdOf(context) } : {};
}

/** Clients put requests, and databases put parameters, on the errors they throw. */
function withoutSecrets(error: unknown): unknown {
  return error instanceof Error ? redact({ ...stdSerializers.err(error) }) : error;
}
