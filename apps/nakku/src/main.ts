import { ConfigError, CoreSettings, Environment } from '@nakku/config';
import { plan, run } from '@nakku/runtime';
import { announce } from './announce.js';
import { apps } from './index.js';

/** Hosts what SERVICES or the topology says, and tells a newcomer where to look. */
async function main(): Promise<void> {
  const core = new Environment(process.env).get(CoreSettings);
  const { services, port } = plan(core);
  const running = await run(
    services.map((service) => apps[service]),
    port,
  );
  if (running && core.NAKKU_SEED === 'demo' && services.includes('gateway')) announce(running.url);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof ConfigError ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
