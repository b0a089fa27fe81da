import { CONTROLLER_PORT, type Deployment, KAFKA_PORT } from '../deployment.js';
import { IMAGES } from '../images.js';
import { check, HARDENED, files, resourcesOf, scratch, type Service, type Services } from './service.js';

/** `appuser` of the image. */
export const KAFKA_UID = 1000;
/** The name of the cluster, for ever: brokers refuse the disks of another one. */
const CLUSTER_ID = 'bmFra3UtcHJvZHVjdGlvbg';
const HEAP_MB = 512;

/** Brokers that are controllers too; each votes. */
export const brokerServices = (deployment: Deployment): Services =>
  Object.fromEntries(deployment.brokers.map((host, index) => [host, broker(deployment, host, index + 1)]));

function broker({ brokers, topology }: Deployment, host: string, id: number): Service {
  const { replication = 1, minInSync = 1, partitions = 6 } = topology.data?.kafka ?? {};
  return {
    image: IMAGES.kafka,
    '<<': HARDENED,
    hostname: host,
    user: `${KAFKA_UID}:${KAFKA_UID}`,
    environment: {
      CLUSTER_ID,
      KAFKA_NODE_ID: String(id),
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_CONTROLLER_QUORUM_VOTERS: brokers.map((name, index) => `${index + 1}@${name}:${CONTROLLER_PORT}`).join(','),
      KAFKA_LISTENERS: `PLAINTEXT://:${KAFKA_PORT},CONTROLLER://:${CONTROLLER_PORT}`,
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://${host}:${KAFKA_PORT}`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_INTER_BROKER_LISTENER_NAME: 'PLAINTEXT',
      KAFKA_LOG_DIRS: '/var/lib/kafka/data',
      // Nakku makes its topics itself, with what the topology says of them.
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_NUM_PARTITIONS: String(partitions),
      KAFKA_DEFAULT_REPLICATION_FACTOR: String(replication),
      KAFKA_MIN_INSYNC_REPLICAS: String(minInSync),
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: String(replication),
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: String(replication),
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: String(minInSync),
      KAFKA_UNCLEAN_LEADER_ELECTION_ENABLE: 'false',
      KAFKA_HEAP_OPTS: `-Xms${HEAP_MB}m -Xmx${HEAP_MB}m`,
    },
    volumes: [`${host}:/var/lib/kafka/data`],
    // The image writes its configuration at each start.
    tmpfs: scratch(KAFKA_UID, '/opt/kafka/config', '/opt/kafka/logs'),
    networks: ['data'],
    // A tool of Kafka's would start a JVM every ten seconds.
    healthcheck: check(['CMD', 'bash', '-c', `</dev/tcp/127.0.0.1/${KAFKA_PORT}`], '90s', 5),
    ulimits: files(),
    stop_grace_period: '60s',
    deploy: { resources: resourcesOf({ memoryMb: HEAP_MB * 1.5, cpu: 0.5 }, { memoryMb: HEAP_MB * 3, cpu: 2 }, 1024) },
  };
}
