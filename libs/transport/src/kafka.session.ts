import { type Kafka, type Message, Partitioners, type Producer } from 'kafkajs';

const ACKNOWLEDGED_WITHIN_MS = 10_000;
const GIVEN_UP_AFTER_MS = 60_000;
/** For an election; what takes longer is tried again with another session. */
const RETRY = { retries: 5, initialRetryTime: 100, maxRetryTime: 1000 };

/**
 * A producer id and its connections. Good until the first failure: kafkajs then counts back the sequence numbers of a request of which
 * the broker may have written a part, and takes what comes next under the same numbers for a duplicate that needs no writing.
 */
export class ProducerSession {
  private constructor(
    private readonly producer: Producer,
    /** The partitions that messages of the running request were put into. */
    private readonly addressed: Set<string>,
  ) {}

  static async open(kafka: Kafka): Promise<ProducerSession> {
    const addressed = new Set<string>();
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: RETRY,
      createPartitioner: () => {
        const choose = Partitioners.DefaultPartitioner(); // murmur2, as every other Kafka client
        return (message) => {
          const partition = choose(message);
          addressed.add(placeOf(message.topic, partition));
          return partition;
        };
      },
    });
    const session = new ProducerSession(producer, addressed);
    try {
      await producer.connect();
      return session;
    } catch (error) {
      void session.close();
      throw error;
    }
  }

  /** Resolves when all replicas in sync have all of it. */
  async send(messages: ReadonlyMap<string, Message[]>): Promise<void> {
    this.addressed.clear();
    const topicMessages = [...messages].map(([topic, list]) => ({ topic, messages: list }));
    const batch = { acks: -1, timeout: ACKNOWLEDGED_WITHIN_MS, topicMessages };
    const acknowledged = await inTime(this.producer.sendBatch(batch));
    // When a leader moves between two tries to a broker that has answered the first, kafkajs leaves its partition out, and calls the
    // batch sent (tulios/kafkajs#1798 mends a relative of this).
    for (const { topicName, partition } of acknowledged) this.addressed.delete(placeOf(topicName, partition));
    if (this.addressed.size > 0) throw new Error(`no broker has acknowledged ${[...this.addressed].join(', ')}`);
  }

  async close(): Promise<void> {
    await this.producer.disconnect().catch(() => undefined);
  }
}

const placeOf = (topic: string, partition: number): string => `${topic}[${partition}]`;

/** A promise of kafkajs that never settles would hold up all events of the process. */
async function inTime<T>(sent: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('kafkajs has not settled a request')), GIVEN_UP_AFTER_MS);
  });
  try {
    return await Promise.race([sent, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
