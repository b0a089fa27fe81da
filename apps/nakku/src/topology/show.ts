import { type Deployment, deploymentOf } from '@nakku/deploy';
import { readTopology, topologyNames } from '@nakku/runtime';
import { catalogue } from '../catalogue.js';
import { print, printJson, printTable } from '../terminal/print.js';

interface Options {
  json?: boolean;
}

/** `topology list` */
export function list({ json }: Options): void {
  const topologies = topologyNames().map(readTopology);
  const rows = topologies.map(({ name, description = '', processes, data }) => ({
    name,
    processes: processes.length,
    copies: processes.reduce((sum, { replicas }) => sum + replicas, 0),
    data: data ? `${data.database.engine}, kafka, redis` : 'embedded',
    description,
  }));
  if (json) return printJson(rows);
  const cells = rows.map((row) => [row.name, row.processes, row.copies, row.data, row.description]);
  printTable(['NAME', 'PROCESSES', 'COPIES', 'DATA', 'WHAT IT IS'], cells, 'there is none in deploy/topologies');
}

/** `topology show` */
export function show(name: string, { json }: Options): void {
  const deployment = deploymentOf(readTopology(name), catalogue());
  if (json) {
    const { topology: _topology, catalogue: _catalogue, gateway, ...shown } = deployment;
    return printJson({ ...shown, gateway: gateway.app });
  }
  const rows = deployment.processes.map(({ app, port, replicas, resources, autoscale, services }) => [
    app,
    port,
    autoscale ? `${replicas} (${autoscale.min}-${autoscale.max})` : replicas,
    `${resources.memoryMb} MiB`,
    resources.cpu,
    services.join(', '),
  ]);
  print(`${deployment.name}: ${deployment.topology.description ?? ''}`);
  print('');
  printTable(['HOST', 'PORT', 'COPIES', 'MEMORY', 'CPU', 'SERVICES'], rows, '');
  print('');
  for (const line of dataLines(deployment)) print(line);
}

function dataLines({ databases, brokers, caches, engine, topology }: Deployment): string[] {
  const servers = databases.map(
    ({ host, replicas, domains }) =>
      `${engine}  ${[host, ...replicas].join(', ')}${databases.length > 1 ? ` (${domains.join(', ')})` : ''}`,
  );
  const { kind, host } = topology.balancer;
  return [
    ...(servers.length > 0 ? servers : ['data   embedded stores, in-process events, memory']),
    ...(brokers.length > 0 ? [`kafka  ${brokers.join(', ')}`] : []),
    ...(caches.length > 0 ? [`redis  ${caches.join(', ')}`] : []),
    `edge   ${kind} for ${host}; processes are found by ${topology.discovery}`,
  ];
}
