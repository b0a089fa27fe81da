import type { Deployment } from '../deployment.js';
import { migrationSecrets } from '../environment.js';
import { environment } from './config.js';
import type { Manifest, Node } from './manifest.js';
import { labelsOf, metadata, MIGRATE, secretOf } from './names.js';
import { ofHelm, text } from './param.js';
import * as pod from './pod.js';
import { account, nakkuImage, UID } from './workload.js';

type Part = { [key: string]: Node };

/** What runs to its end once with every release. A finished job cannot be changed, so each release has one of its own. */
export const once = (name: string, uid: number, container: Part, volumes: readonly Part[]) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: metadata(name, 'job', text`${name}-${ofHelm('.Release.Revision', '1')}`),
  spec: {
    // Servers that start at the same time are tried again, for half an hour.
    backoffLimit: 30,
    activeDeadlineSeconds: 1800,
    template: {
      metadata: { labels: labelsOf(name, 'job') },
      spec: {
        ...pod.podBasics(name, uid),
        restartPolicy: 'OnFailure',
        containers: [
          {
            name,
            ...container,
            securityContext: pod.containerSecurity(),
            resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '512Mi' } },
          },
        ],
        volumes: [pod.scratch('tmp'), ...volumes],
      },
    },
  },
});

/** Brings every database up to date. It is no hook of Helm's: with --wait those would wait for services that wait for it. */
export function migrationManifests({ gateway }: Deployment): Manifest[] {
  const secrets = migrationSecrets();
  const job = once(
    MIGRATE,
    UID,
    {
      ...nakkuImage(gateway.app),
      command: ['nakku', 'migrate', 'up'],
      ...environment(MIGRATE, secrets),
      volumeMounts: [pod.SECRETS_MOUNT, pod.TMP_MOUNT, pod.mount('data', '/var/lib/nakku')],
    },
    [
      pod.secretFiles(
        secretOf(MIGRATE),
        secrets.map(({ name }) => name),
        { managed: true },
      ),
      pod.scratch('data'),
    ],
  );
  return [{ object: account(MIGRATE, 'job') }, { object: job }];
}
