import type { Admin } from 'kafkajs';
import { lagOf } from './kafka.progress.js';

/** What kafkajs throws when the coordinator of a group has just moved. */
const moved = () =>
  Object.assign(new Error('This is not the correct coordinator for this group'), {
    name: 'KafkaJSProtocolError',
    type: 'NOT_COORDINATOR_FOR_GROUP',
    retriable: true,
  });

describe('how far behind a group is', () => {
  const fetchOffsets = jest.fn<ReturnType<Admin['fetchOffsets']>, unknown[]>();
  const committed = (...offsets: string[]) => [
    { topic: 'order-events', partitions: offsets.map((offset, partition) => ({ partition, offset, metadata: null })) },
  ];
  const end = (partition: number, low: string, high: string) => ({ partition, low, high, offset: high });
  const fetchTopicOffsets = () => Promise.resolve([end(0, '10', '30'), end(1, '4', '9')]);
  const lag = () => lagOf({ fetchOffsets, fetchTopicOffsets } as unknown as Admin, 'nakku-cart', ['order-events']);

  beforeEach(() => fetchOffsets.mockReset());

  it('is what it has not committed of each partition, from the first message that is still there', async () => {
    fetchOffsets.mockResolvedValue(committed('25', '-1'));
    expect(await lag()).toEqual(new Map([['order-events', 5 + 5]]));
    fetchOffsets.mockResolvedValue(committed('2', '9'));
    expect(await lag()).toEqual(new Map([['order-events', 20]]));
  });

  it('is asked for again while the coordinator of the group is moving', async () => {
    fetchOffsets.mockRejectedValueOnce(moved()).mockRejectedValueOnce(moved()).mockResolvedValue(committed('30', '9'));
    expect(await lag()).toEqual(new Map([['order-events', 0]]));
    expect(fetchOffsets).toHaveBeenCalledTimes(3);
  });

  it('is not known when that does not end, or when asking again would not help', async () => {
    fetchOffsets.mockImplementation(() => Promise.reject(moved()));
    await expect(lag()).rejects.toThrow('not the correct coordinator');
    expect(fetchOffsets).toHaveBeenCalledTimes(5);
    fetchOffsets.mockReset().mockRejectedValue(Object.assign(new Error('not allowed'), { retriable: false }));
    await expect(lag()).rejects.toThrow('not allowed');
    expect(fetchOffsets).toHaveBeenCalledTimes(1);
  });
});
