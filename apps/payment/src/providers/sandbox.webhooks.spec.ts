import { eventually, startProcess, type TestProcess } from '@nakku/testing';
import { Transport, seal } from '@nakku/transport';
import { payment } from '../index.js';
import { anOrder, type OrderFixture, requested } from '../payment.fixtures.js';
import { PaymentRepository } from '../payment.repository.js';
import { SandboxRepository } from './sandbox.repository.js';

let running: TestProcess;
afterEach(() => running.stop());

const rowOf = ({ orderId }: OrderFixture) => running.app.get(PaymentRepository, { strict: false }).find({ orderId });

async function deliver(message: ReturnType<typeof requested>): Promise<void> {
  const consumer = running.app.get(Transport).consumer('payment', message.definition.type)!;
  await consumer.apply(seal(message.definition, message.data));
}

it('the sandbox settles what it did not answer by a signed webhook, sent over HTTP', async () => {
  running = await startProcess([payment], {
    PAYMENT_PROVIDER_TIMEOUT_MS: '200',
    PAYMENT_SANDBOX_WEBHOOK_MS: '100',
    LOG_LEVEL: 'silent',
  });
  const order = anOrder({ paymentToken: 'tok_timeout' });
  await deliver(requested(order));
  const settled = await eventually('the webhook', async () => {
    const row = await rowOf(order);
    return row?.status === 'authorised' && row;
  });
  expect(settled.amount).toBe(order.amount);
  const charges = running.app.get(SandboxRepository, { strict: false });
  await eventually('the end of sending', async () => (await charges.find(settled.id))?.webhookAt === null);
});
