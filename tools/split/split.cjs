// `npm run start:split`: Nakku in many processes on this machine, with one log stream.
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { parseArgs } = require('node:util');
const { planOf, readTopology, ROOT } = require('./plan.cjs');
const { checkServers, notesOn, variablesOf } = require('./servers.cjs');
const { Supervisor } = require('./supervisor.cjs');

const HELP = `npm run start:split [-- OPTIONS]   runs each service in a process of its own, on the servers of npm run infra:up

  --topology NAME   another file of deploy/topologies, or a path (service-per-server); copies listen on the ports above
  --only LIST       only the processes that host these services, e.g. order,cart
  --no-migrate      the databases are up to date
  --help

Variables come from the shell and from .infra/env. Each service gets only its own database user.
Ctrl-C stops everybody in order; once more, at once.
`;

const DIST = join(ROOT, 'dist', 'apps', 'nakku', 'src');

function optionsOf(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      topology: { type: 'string', default: 'service-per-server' },
      only: { type: 'string', default: '' },
      'no-migrate': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    ...values,
    only: values.only
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
  };
}

async function main() {
  const options = optionsOf(process.argv.slice(2));
  if (options.help) return void process.stdout.write(HELP);
  const topology = readTopology(options.topology);
  const variables = variablesOf(join(ROOT, '.infra', 'env'), process.env);
  const processes = planOf(topology, { name: options.topology, only: options.only, variables });
  await checkServers(topology, variables);
  if (!existsSync(join(DIST, 'main.js'))) throw new Error('it is not built: npm run build');
  const supervisor = new Supervisor({
    write: (text) => process.stdout.write(text),
    colour: process.stdout.isTTY === true || Boolean(process.env.FORCE_COLOR),
    names: processes.map(({ name }) => name),
    graceMs: Number(variables.SHUTDOWN_GRACE_MS || 25_000) + 5000,
  });
  for (const note of notesOn(topology, variables)) supervisor.say(note);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      supervisor.say(supervisor.stopping ? 'stopping at once' : 'stopping');
      void supervisor.stop();
    });
  try {
    if (!options['no-migrate']) await migrate(supervisor, options.topology, variables);
    if (!supervisor.stopping) await startAll(supervisor, processes, variables);
  } catch (error) {
    if (!supervisor.stopping) {
      supervisor.failed = true;
      supervisor.say(`${error.message}: stopping`);
      await supervisor.stop();
    }
  }
  await supervisor.end();
  supervisor.say('everybody has stopped');
  process.exitCode = supervisor.failed ? 1 : 0;
}

async function migrate(supervisor, topology, variables) {
  const env = { NODE_ENV: 'development', LOG_FORMAT: 'pretty', ...variables, TOPOLOGY: topology, SERVICES: '' };
  await supervisor.run({ name: 'split', args: [join(DIST, 'cli.js'), 'migrate', 'up'], env, cwd: ROOT });
}

async function startAll(supervisor, processes, variables) {
  const startedAt = Date.now();
  for (const { name, services, env } of processes)
    supervisor.start({
      name,
      args: [join(DIST, 'main.js')],
      env,
      cwd: ROOT,
      stage: services.includes('gateway') ? 0 : 1,
    });
  await supervisor.untilReady(processes.map(({ name, port }) => ({ name, url: `http://127.0.0.1:${port}/health` })));
  supervisor.say(`all ${processes.length} are ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  await greet(supervisor, processes, variables);
}

/** The greeting of `npm start`, where there is a demo to greet to; else where everybody listens. */
async function greet(supervisor, processes, { NODE_ENV, NAKKU_SEED = NODE_ENV === 'production' ? 'none' : 'demo' }) {
  const gateways = processes.filter(({ services }) => services.includes('gateway'));
  const urlOf = ({ port }) => `http://127.0.0.1:${port}`;
  for (const one of processes) supervisor.say(`${one.name.padEnd(supervisor.width)} ${urlOf(one)}`);
  if (gateways.length === 0 || NAKKU_SEED === 'none') return;
  const { announce } = require(join(DIST, 'announce.js'));
  announce(urlOf(gateways[0]));
}

main().catch((error) => {
  process.stderr.write(`start:split: ${error.message}\n`);
  process.exitCode = 1;
});
