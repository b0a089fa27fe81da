import { brokerServices, KAFKA_UID } from '../compose/kafka.js';
import { CONTROLLER_PORT, type Deployment, KAFKA_PORT } from '../deployment.js';
import type { Manifest } from './manifest.js';
import { imageOf } from './names.js';
import * as pod from './pod.js';
import { commandProbes, serverImage, serverSet } from './stateful.js';

export const KAFKA = 'kafka';
/** What differs from broker to broker. */
const OWN = ['KAFKA_NODE_ID', 'KAFKA_ADVERTISED_LISTENERS'];

/** Which broker a pod is, its number says; its name is the one that clients are told. */
const START = `set -eu
export KAFKA_NODE_ID="\${HOSTNAME##*-}"
export KAFKA_ADVERTISED_LISTENERS="PLAINTEXT://$HOSTNAME:${KAFKA_PORT}"
exec /etc/kafka/docker/run
`;

/** Brokers that are controllers too, with the same settings as in containers elsewhere. They need each other to start: all at once. */
export function brokerManifests(deployment: Deployment): Manifest[] {
  const { brokers } = deployment;
  const [first = ''] = brokers;
  const settings = Object.entries(brokerServices(deployment)[first]?.environment ?? {});
  return serverSet({
    name: KAFKA,
    component: 'broker',
    hosts: brokers,
    firstOrdinal: 1,
    uid: KAFKA_UID,
    ports: [
      { name: 'kafka', port: KAFKA_PORT },
      { name: 'controller', port: CONTROLLER_PORT },
    ],
    data: '/var/lib/kafka',
    branch: KAFKA,
    storage: '20Gi',
    resources: { requests: { memoryMb: 1024, cpu: 0.5 }, limits: { memoryMb: 2048, cpu: 2 } },
    parallel: true,
    foundBeforeReady: true,
    container: {
      ...serverImage(imageOf('kafka')),
      command: ['bash', '-c', START],
      env: settings.filter(([name]) => !OWN.includes(name)).map(([name, text]) => ({ name, value: text })),
      // A tool of Kafka's would start a JVM each time.
      ...commandProbes(['bash', '-c', `</dev/tcp/127.0.0.1/${KAFKA_PORT}`], 180),
    },
    // The image writes its configuration at each start.
    volumes: [pod.scratch('config'), pod.scratch('logs', '1Gi')],
    mounts: [pod.mount('config', '/opt/kafka/config'), pod.mount('logs', '/opt/kafka/logs')],
  });
}
