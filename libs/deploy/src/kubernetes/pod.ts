import { SECRETS_FOLDER } from '../environment.js';
import type { Node } from './manifest.js';
import { podsOf } from './names.js';
import type { Param } from './param.js';
import { value } from './param.js';

type Part = { [key: string]: Node };

/** What Pod Security calls `restricted`, of a pod whose processes are `uid`. */
export const podSecurity = (uid: number): Part => ({
  runAsNonRoot: true,
  runAsUser: uid,
  runAsGroup: uid,
  fsGroup: uid,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
});

/** The same, of a container; it writes to what is mounted and nowhere else. */
export const containerSecurity = (): Part => ({
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
});

/** What all pods have: an account of their own that opens nothing, and no variables that Kubernetes makes up of other Services. */
export const podBasics = (account: string, uid: number): Part => ({
  serviceAccountName: account,
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: podSecurity(uid),
});

/** Copies in different zones and on different machines, as far as there are any. */
export const spread = (app: string): Part => ({
  topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: podsOf(app) },
    // Without it the copies of the old version would count while they are replaced.
    matchLabelKeys: ['pod-template-hash'],
  })),
});

/** Never two members of a set on one machine, where there are enough of them. */
export const apart = (app: string): Part => ({
  affinity: {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: podsOf(app) } },
        },
      ],
    },
  },
});

/** The Secret that an operator may add for managed servers: certificates, further passwords. */
const MANAGED = value(
  'secrets.managed',
  'managed',
  'May be missing. Its keys are files in /run/secrets of every process, e.g. database-ca.crt.',
);

/** Those keys of a Secret that are needed, as files, and what the operator adds. */
export const secretFiles = (secret: Param, keys: readonly string[], { managed = false } = {}): Part => ({
  name: 'secrets',
  projected: {
    // Octal 0440: JSON knows decimal numbers only.
    defaultMode: 288,
    sources: [
      { secret: { name: secret, items: [...new Set(keys)].map((key) => ({ key, path: key })) } },
      ...(managed ? [{ secret: { name: MANAGED, optional: true } }] : []),
    ],
  },
});

export const scratch = (name: string, sizeLimit = '64Mi'): Part => ({ name, emptyDir: { sizeLimit } });

export const mount = (name: string, mountPath: string, more: Part = {}): Part => ({ name, mountPath, ...more });

export const SECRETS_MOUNT = mount('secrets', SECRETS_FOLDER, { readOnly: true });
export const TMP_MOUNT = mount('tmp', '/tmp');

/** Requests and limits as Kubernetes writes them. */
export const amounts = ({ memoryMb, cpu }: { memoryMb: number; cpu: number }) => ({
  cpu: `${Math.round(cpu * 1000)}m`,
  memory: `${memoryMb}Mi`,
});
