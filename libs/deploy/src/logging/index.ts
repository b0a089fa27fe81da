import { stringify } from 'yaml';
import { type Artefact, artefact, headline, type Renderer } from '../artefact.js';
import { type Deployment, growing } from '../deployment.js';
import { stackFile } from '../stack.js';
import { loggingStack } from './compose.js';
import { LIFECYCLE, ROLE, setupScript, TEMPLATE } from './elastic.js';
import { filebeatOf } from './filebeat.js';

/** The way of logs into Elasticsearch and Kibana, for containers. On Kubernetes that is the cluster's business. */
export const renderLogging: Renderer = (deployment) =>
  growing(deployment)
    ? []
    : [
        artefact(deployment, 'docker-compose.logging.yml', stackFile(deployment, loggingStack())),
        artefact(
          deployment,
          'logging/filebeat.yml',
          `${headline(deployment)}\n\n${stringify(filebeatOf(deployment), { lineWidth: 0, aliasDuplicateObjects: false })}`,
        ),
        artefact(deployment, 'logging/setup.sh', setupScript(deployment), true),
        json(deployment, 'lifecycle', LIFECYCLE),
        json(deployment, 'template', TEMPLATE),
        json(deployment, 'role', ROLE),
      ];

const json = (deployment: Deployment, name: string, content: object): Artefact =>
  artefact(deployment, `logging/${name}.json`, `${JSON.stringify(content, undefined, 2)}\n`);
