/** What is known of an error of kafkajs: it wraps errors in errors, some with the protocol's name for them. */
function* chain(error: unknown): Generator<{ name: string; type?: string; retriable?: boolean }> {
  for (let one = error; one instanceof Error; one = one.cause) yield one;
}

/** The protocol's name for what happened. */
export function typeOfError(error: unknown): string | undefined {
  for (const { type } of chain(error)) if (type) return type;
  return undefined;
}

/** Whether no broker could be talked to, which passes by itself. */
export function isUnreachable(error: unknown): boolean {
  for (const { name } of chain(error)) if (UNREACHABLE.has(name)) return true;
  return false;
}

/** Whether trying the same again may help: brokers that are gone or elect a leader, a group that finds itself anew. */
export function passes(error: unknown): boolean {
  if (isUnreachable(error)) return true;
  for (const { name, retriable } of chain(error))
    if (retriable === true || name === 'KafkaJSNumberOfRetriesExceeded') return true;
  return false;
}

/** Whether it is the producer's fault, which a new producer does not have. */
export const isProducerFault = (error: unknown): boolean => PRODUCER_FAULTS.has(typeOfError(error) ?? '');

const UNREACHABLE = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSBrokerNotFound',
  'KafkaJSLockTimeout',
  'KafkaJSGroupCoordinatorNotFound', // while the brokers start
]);

const PRODUCER_FAULTS = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
]);
