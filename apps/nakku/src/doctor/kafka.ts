import type { Process } from '@nakku/deploy';
import { kafkaConfig, KafkaSettings, lagOf, topicShape, usesKafka } from '@nakku/transport';
import { type Admin, ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { fail, type Finding, graded, ok, reasonOf, skip, warn } from './finding.js';
import { type Check, type Patient, within } from './patient.js';

const LAG = { warn: 1000, fail: 50_000 };

/** Whether brokers answer, topics are as the topology wants them, and listeners keep up. */
export const kafka: Check = {
  name: 'kafka',
  look: async (patient) => {
    const settings = patient.environment.get(KafkaSettings);
    if (!usesKafka(settings))
      return [
        patient.deployment.brokers.length > 0
          ? skip('kafka', 'this environment does not say where the brokers are', 'set KAFKA_BROKERS')
          : skip('kafka', 'events stay in the process'),
      ];
    const client = new Kafka({
      ...kafkaConfig(settings, ['doctor']),
      connectionTimeout: patient.timeoutMs,
      retry: { retries: 1 },
      logLevel: logLevel.NOTHING,
    });
    const admin = client.admin({ retry: { retries: 1, initialRetryTime: 100, maxRetryTime: 300 } });
    try {
      const refused = await within(patient.timeoutMs * 2, admin.connect()).catch(reasonOf);
      if (refused === undefined) return await examineWith(admin, patient, settings);
      const advice = 'start the brokers; events wait in the outboxes meanwhile';
      return [fail('kafka', `no broker answers: ${refused}`, advice)];
    } finally {
      void admin.disconnect().catch(() => undefined);
    }
  },
};

async function examineWith(admin: Admin, patient: Patient, settings: KafkaSettings): Promise<Finding[]> {
  const { deployment } = patient;
  const prefix = settings.KAFKA_TOPIC_PREFIX ?? '';
  const topics = deployment.catalogue
    .filter(({ emits }) => emits.length > 0)
    .map(({ name }) => `${prefix}${name}-events`);
  const there = new Set(await admin.listTopics());
  const missing = topics.filter((topic) => !there.has(topic));
  const present = topics.filter((topic) => there.has(topic));
  return [
    ...(await brokers(admin, deployment.brokers.length)),
    ...missing.map((topic) =>
      warn(`topic ${topic}`, 'is not there', 'start the services: the first that needs it makes it'),
    ),
    ...(present.length > 0 ? await shapes(admin, patient, settings, present) : []),
    ...(await lags(admin, patient, settings, (topic) => there.has(topic))),
  ];
}

async function brokers(admin: Admin, wanted: number): Promise<Finding[]> {
  const { brokers: found } = await admin.describeCluster();
  const count = `${found.length} of ${Math.max(wanted, found.length)} brokers are there`;
  return [
    found.length >= wanted
      ? ok('kafka', count)
      : warn('kafka', count, 'start the others: with one less, nothing may be written'),
  ];
}

async function shapes(admin: Admin, patient: Patient, settings: KafkaSettings, topics: string[]): Promise<Finding[]> {
  const { kafka: wanted } = patient.deployment.topology.data ?? {};
  const shape = topicShape(settings, wanted && { ...wanted, minIsr: wanted.minInSync });
  const { topics: told } = await admin.fetchTopicMetadata({ topics });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({ type: ConfigResourceTypes.TOPIC, name, configNames: ['min.insync.replicas'] })),
  });
  const minimum = (topic: string) =>
    Number(resources.find(({ resourceName }) => resourceName === topic)?.configEntries[0]?.configValue ?? 1);
  const findings = told.flatMap(({ name, partitions }) => {
    const copies = Math.min(...partitions.map(({ replicas }) => replicas.length));
    const lacking = partitions.filter(({ replicas, isr }) => isr.length < replicas.length).length;
    const listeners = mostListeners(patient, name.slice((settings.KAFKA_TOPIC_PREFIX ?? '').length, -'-events'.length));
    return [
      ...tooFew(name, partitions.length, listeners),
      ...(copies < shape.replication
        ? [
            fail(
              `topic ${name}`,
              `has ${copies} copies of each message, not ${shape.replication}`,
              'kafka-reassign-partitions.sh gives it more: with one copy a lost disk loses events',
            ),
          ]
        : []),
      ...(minimum(name) < shape.minIsr
        ? [
            warn(
              `topic ${name}`,
              `asks for ${minimum(name)} copies in sync, not ${shape.minIsr}`,
              `kafka-configs.sh --alter --add-config min.insync.replicas=${shape.minIsr}`,
            ),
          ]
        : []),
      ...(lacking > 0
        ? [
            warn(
              `topic ${name}`,
              `${lacking} partitions lack a copy`,
              'start the broker that is away; it catches up by itself',
            ),
          ]
        : []),
    ];
  });
  return findings.length > 0 ? findings : [ok('topics', `${topics.length}, as the topology wants them`)];
}

function tooFew(topic: string, partitions: number, listeners: Process | undefined): Finding[] {
  if (!listeners || partitions >= listeners.replicas) return [];
  const found = `has ${partitions} partitions, but ${listeners.app} has ${listeners.replicas} copies: the others are idle`;
  return [
    warn(
      `topic ${topic}`,
      found,
      `kafka-topics.sh --alter --partitions ${listeners.replicas}, while nothing is published`,
    ),
  ];
}

/** The process with the most copies of those that hear a domain's events. */
const mostListeners = ({ deployment }: Patient, domain: string): Process | undefined =>
  deployment.processes
    .filter(({ services }) => listeningTo(deployment, domain).some((name) => services.includes(name)))
    .sort((a, b) => b.replicas - a.replicas)[0];

const listeningTo = ({ catalogue }: Patient['deployment'], domain: string): string[] =>
  catalogue.filter(({ listens }) => listens.some((type) => type.startsWith(`${domain}.`))).map(({ name }) => name);

async function lags(
  admin: Admin,
  { deployment }: Patient,
  settings: KafkaSettings,
  there: (topic: string) => boolean,
): Promise<Finding[]> {
  const listening = deployment.catalogue.filter(({ listens }) => listens.length > 0);
  const rows = await Promise.all(
    listening.map(async ({ name, listens }) => {
      const domains = [...new Set(listens.map((type) => type.slice(0, type.indexOf('.'))))];
      const topics = domains.map((domain) => `${settings.KAFKA_TOPIC_PREFIX ?? ''}${domain}-events`).filter(there);
      if (topics.length === 0) return [];
      const behind = await lagOf(admin, `${settings.KAFKA_GROUP_ID}-${name}`, topics);
      const total = [...behind.values()].reduce((sum, one) => sum + one, 0);
      const advice = 'if it does not shrink: more copies of the service, or see in its log what it waits for';
      return [graded(`events for ${name}`, total, LAG, `${total} not handled yet`, advice)];
    }),
  );
  const bad = rows.flat().filter(({ status }) => status !== 'ok');
  return bad.length > 0 ? bad : [ok('consumers', 'all keep up')];
}
