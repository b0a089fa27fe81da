// Which processes a topology has on this machine, where each listens, and which variables it is given.
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { parse } = require('yaml');

const ROOT = join(__dirname, '..', '..');
const TOPOLOGIES = join(ROOT, 'deploy', 'topologies');

/** The topology of that name; the processes check it again, and more. */
function readTopology(name) {
  const file = name.includes('/') ? name : join(TOPOLOGIES, `${name}.yaml`);
  if (existsSync(file)) return parse(readFileSync(file, 'utf8'));
  const names = readdirSync(TOPOLOGIES)
    .filter((one) => one.endsWith('.yaml'))
    .map((one) => one.replace(/\.yaml$/, ''));
  throw new Error(`there is no topology "${name}"; there are: ${names.join(', ')}`);
}

/** Every copy of every process, with its port: the first copies where the topology says, the others above all of those. */
function placesOf({ processes }) {
  let next = Math.max(...processes.map(({ port }) => port)) + 1;
  return processes.flatMap(({ name, port, services, replicas = 1 }) =>
    Array.from({ length: replicas }, (_, copy) =>
      copy === 0 ? { name, services, port } : { name: `${name}-${copy + 1}`, services, port: next++ },
    ),
  );
}

const servicesOf = (places) => [...new Set(places.flatMap(({ services }) => services))];

/** `<NAME>_SERVICE_URL` of every domain: all its copies. */
function urlsOf(places) {
  const domains = servicesOf(places).filter((service) => service !== 'gateway');
  return Object.fromEntries(
    domains.map((domain) => [
      `${domain.toUpperCase()}_SERVICE_URL`,
      places
        .filter(({ services }) => services.includes(domain))
        .map(({ port }) => `http://127.0.0.1:${port}`)
        .join(','),
    ]),
  );
}

/** The processes to start, each with its environment; `only` names services, none means all. */
function planOf(topology, { name, only = [], variables }) {
  const places = placesOf(topology);
  const services = servicesOf(places);
  const unknown = only.filter((service) => !services.includes(service));
  if (unknown.length > 0)
    throw new Error(`--only must list some of ${services.join(', ')}, but has ${unknown.join(', ')}`);
  const urls = urlsOf(places);
  return places
    .filter((place) => only.length === 0 || place.services.some((service) => only.includes(service)))
    .map((place) => ({
      ...place,
      env: { ...urls, ...ownOf(place, variables), ...settingsOf(place, name, variables) },
    }));
}

function settingsOf({ services, port }, topology, variables) {
  const gateway = services.includes('gateway');
  return {
    NODE_ENV: 'development',
    LOG_FORMAT: 'pretty',
    HOST: gateway ? '0.0.0.0' : '127.0.0.1', // the domains are the gateway's business
    ...pick(variables, ['NODE_ENV', 'LOG_FORMAT', 'HOST']),
    TOPOLOGY: topology,
    SERVICES: services.join(','),
    PORT: String(port),
    DB_MIGRATE: 'never', // it has been done
    ...(services.length === 1 && gateway ? { NAKKU_SEED: 'none' } : {}), // it has nothing to load, and the greeting is ours
  };
}

/** A service is not given the other services' passwords, nor those of the one who migrates. */
function ownOf({ services }, variables) {
  const own = services.map((service) => service.toUpperCase());
  const theirs = (name) => /_DB_(USER|PASSWORD|MIGRATION_USER|MIGRATION_PASSWORD)$/.test(name);
  const migration = (name) => /(^|_)DB_MIGRATION_(USER|PASSWORD)$/.test(name);
  return Object.fromEntries(
    Object.entries(variables).filter(
      ([name]) => !migration(name) && (!theirs(name) || own.some((service) => name.startsWith(`${service}_DB_`))),
    ),
  );
}

const pick = (variables, names) =>
  Object.fromEntries(names.filter((name) => variables[name]).map((name) => [name, variables[name]]));

module.exports = { ROOT, planOf, readTopology };
