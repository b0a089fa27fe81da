import type { Kafka, Partitioners, ProducerBatch, ProducerConfig, RecordMetadata } from 'kafkajs';
import { KafkaProducer } from './kafka.producer.js';

type Answer = (messages: { topic: string; value: string }[]) => void;
const protocolError = (type: string) => Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type });
const unreachable = () => Object.assign(new Error('refused'), { name: 'KafkaJSConnectionError', retriable: true });

/**
 * Stands in for kafkajs where a real broker cannot be made to fail in a certain way at a certain moment. It puts messages into partitions by
 * the partitioner that it is given, as kafkajs does, and acknowledges those that `answer` leaves.
 */
function standIn(answer: Answer = () => undefined) {
  const requests: string[][] = [];
  const sessions: { open: boolean }[] = [];
  const forget = new Set<number>();
  const producer = (config: ProducerConfig) => {
    const session = { open: true };
    const choose = (config.createPartitioner as (typeof Partitioners)['DefaultPartitioner'])();
    const partitionMetadata = [0, 1, 2].map((partitionId) => ({ partitionId, leader: 1 })) as never;
    return {
      connect: async () => void sessions.push(session),
      disconnect: async () => void (session.open = false),
      sendBatch: async ({ topicMessages = [] }: ProducerBatch): Promise<RecordMetadata[]> => {
        const messages = topicMessages.flatMap(({ topic, messages: list }) =>
          list.map((message) => ({ topic, message })),
        );
        requests.push(messages.map(({ message }) => String(message.value)));
        const places = messages.map(({ topic, message }) => ({
          topicName: topic,
          partition: choose({ topic, partitionMetadata, message }),
          errorCode: 0,
        }));
        await new Promise(setImmediate);
        answer(messages.map(({ topic, message }) => ({ topic, value: String(message.value) })));
        const kept = places.filter(({ partition }) => !forget.has(partition));
        forget.clear();
        return kept;
      },
    };
  };
  const topics = { ensure: jest.fn(async () => undefined), forget: jest.fn() };
  const kafka = new KafkaProducer({ producer } as unknown as Kafka, topics);
  const send = (value: string, topic = 't', withinMs?: number) => kafka.send(topic, { key: value[0], value }, withinMs);
  return { kafka, send, requests, sessions, topics, forget };
}

describe('the producer', () => {
  it('sends what waits together, one request after the other', async () => {
    const { send, requests } = standIn();
    const first = send('a');
    await new Promise(setImmediate);
    await Promise.all([first, send('b'), send('c', 'u'), send('d')]);
    expect(requests).toEqual([['a'], ['b', 'd', 'c']]);
  });

  it('keeps requests below what brokers accept', async () => {
    const { send, requests } = standIn();
    const large = 'x'.repeat(200_000);
    await Promise.all([send(large), send(large), send(large)]);
    expect(requests.map((values) => values.length)).toEqual([2, 1]);
  });

  it.each(['UNKNOWN_PRODUCER_ID', 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'INVALID_PRODUCER_EPOCH'])(
    'takes a new producer id after %s, and sends all of it again, in order',
    async (type) => {
      let failures = 1;
      const { send, requests, sessions } = standIn(() => {
        if (failures-- > 0) throw protocolError(type);
      });
      await Promise.all([send('a'), send('b')]);
      expect(requests).toEqual([
        ['a', 'b'],
        ['a', 'b'],
      ]);
      expect(sessions.map(({ open }) => open)).toEqual([false, true]);
    },
  );

  it('sends again what no broker has acknowledged though kafkajs calls it sent', async () => {
    const { send, requests, forget } = standIn();
    for (const partition of [0, 1, 2]) forget.add(partition);
    await send('a');
    expect(requests).toEqual([['a'], ['a']]);
  });

  it('does not let the trouble of one topic hold up the others, and keeps each topic in order', async () => {
    let refusing = true;
    const { kafka, send, requests } = standIn((messages) => {
      if (refusing && messages.some(({ topic }) => topic === 'bad')) throw protocolError('TOPIC_AUTHORIZATION_FAILED');
    });
    const bad = [send('b1', 'bad'), send('b2', 'bad')];
    await send('a', 'good');
    await send('c', 'good');
    expect(kafka.failing).toBe(true);
    refusing = false;
    await Promise.all([...bad, send('b3', 'bad')]);
    expect(requests.at(-1)).toEqual(['b1', 'b2', 'b3']);
    expect(kafka.failing).toBe(false);
  });

  it('gives up a message in time where that is wanted', async () => {
    const { kafka, send } = standIn(() => {
      throw protocolError('TOPIC_AUTHORIZATION_FAILED');
    });
    await expect(send('a', 't', 50)).rejects.toThrow('TOPIC_AUTHORIZATION_FAILED');
    await kafka.close(Date.now());
  });

  it('sends what waits before it closes, and takes nothing more', async () => {
    const { kafka, send, requests, sessions } = standIn();
    const sent = [send('a'), send('b')];
    await kafka.close(Date.now() + 5000);
    await Promise.all(sent);
    await expect(send('c')).rejects.toThrow('stays in the outbox');
    expect(requests).toEqual([['a', 'b']]);
    expect(sessions.map(({ open }) => open)).toEqual([false]);
  });

  it('closes at once while Kafka is away, and tells those who wait', async () => {
    const { kafka, send } = standIn(() => {
      throw unreachable();
    });
    const sent = send('a');
    const told = expect(sent).rejects.toThrow('stays in the outbox');
    await new Promise((resolve) => setTimeout(resolve, 20));
    const startedAt = performance.now();
    await kafka.close(Date.now() + 10_000);
    await told;
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});
