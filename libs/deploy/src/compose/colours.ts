import type { Deployment } from '../deployment.js';
import { fileOf, type ComposeFile } from './file.js';
import { migrates, MIGRATE, migrateService, processServices } from './processes.js';

export const COLOURS = ['blue', 'green'] as const;
export type Colour = (typeof COLOURS)[number];

/**
 * The processes of one version, beside those of another: names end with the colour, so that a process only finds those of its own. The
 * balancer and the data are those of the main file.
 */
export function colouredFile(deployment: Deployment, colour: Colour): ComposeFile {
  const present = new Set([MIGRATE]);
  const plain = processServices(colouredDeployment(deployment, colour), present);
  const images = new Map(deployment.processes.map(({ app }) => [coloured(app, colour), app]));
  const services = Object.fromEntries(
    Object.entries(plain).map(([name, service]) => [
      name,
      { ...service, image: service.image.replace(name, images.get(name) ?? name) },
    ]),
  );
  return fileOf(
    `nakku-${colour}`,
    { ...(migrates(deployment) && { [MIGRATE]: migrateService(deployment, new Set()) }), ...services },
    {
      edge: { external: true, name: 'nakku_edge' },
      data: { external: true, name: 'nakku_data' },
    },
  );
}

function colouredDeployment(deployment: Deployment, colour: Colour): Deployment {
  const processes = deployment.processes.map((process) => ({
    ...process,
    app: coloured(process.app, colour),
    calls: process.calls.map((call) => ({ ...call, app: coloured(call.app, colour) })),
  }));
  const gateway = processes[deployment.processes.indexOf(deployment.gateway)] ?? deployment.gateway;
  return { ...deployment, processes, gateway };
}

const coloured = (app: string, colour: Colour): string => `${app}-${colour}`;
