import { Logger } from '@nestjs/common';
import { withContext } from '@nakku/observability';
import type { Api, Contract } from './contract.js';
import { beforeDeadline, callContext, checkInput, refuseInTransaction } from './invoke.js';
import { Problem } from './problem.js';

const logger = new Logger('rpc');

/** A client that calls the service in this process, with the checks and errors that HTTP would have. `service` is looked up at the first call: two domains may call each other. */
export function localClient<C extends Contract>(of: C, service: () => Api<C>, timeoutMs: number): Api<C> {
  const client: Record<string, (input: unknown) => Promise<unknown>> = {};
  for (const [name, operation] of Object.entries(of.operations)) {
    const fullName = `${of.domain}.${name}`;
    client[name] = async (raw) => {
      refuseInTransaction(fullName);
      const input = checkInput(operation, fullName, raw);
      const context = callContext(timeoutMs);
      const run = () => (service() as Record<string, (input: unknown) => Promise<unknown>>)[name]!(input);
      try {
        const output = await withContext(context, () => beforeDeadline(fullName, context.deadline!, run()));
        return operation.output.parse(output);
      } catch (error) {
        throw asProblem(error, fullName);
      }
    };
  }
  return client as Api<C>;
}

/** A bug in the service looks to the caller as it would over HTTP: a bare 500, with the cause in the log. */
function asProblem(error: unknown, name: string): Problem {
  if (error instanceof Problem) return error;
  logger.error({ err: error }, `${name} failed`);
  return new Problem(500, 'INTERNAL', 'Something went wrong on our side.');
}
