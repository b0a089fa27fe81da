import { artefact, type Renderer } from '../artefact.js';
import { growing, type Process } from '../deployment.js';
import { consulServices } from './consul.js';

/**
 * Consul's service definitions: `consul/<app>.json` for one agent that knows every container by its name, `consul/servers/<app>.json` for an
 * agent on each server (an agent does not read folders below its own). Nobody has to be found where there is one process, and in Kubernetes
 * its own services are.
 */
export const renderDiscovery: Renderer = (deployment) =>
  growing(deployment) || deployment.processes.length === 1
    ? []
    : deployment.processes.flatMap((process) => [
        artefact(deployment, `consul/${process.app}.json`, consulServices(deployment, process, containers(process))),
        artefact(
          deployment,
          `consul/servers/${process.app}.json`,
          consulServices(deployment, process, [{ number: 1 }]),
        ),
      ]);

const containers = ({ app, replicas }: Process) =>
  Array.from({ length: replicas }, (_, index) => ({ number: index + 1, address: `nakku-${app}-${index + 1}` }));
