import type {
  orderCancelled,
  orderCompleted,
  orderConfirmed,
  orderPacked,
  paymentRefunded,
  deliveryAssigned,
  deliveryStarted,
  userRegistered,
} from '@nakku/contracts';
import type { EventOf } from '@nakku/transport';

/** What a user reads: short enough for a lock screen. */
export interface Text {
  title: string;
  body: string;
}

/** The events that are told to a user, by type. */
interface Told {
  'user.registered': EventOf<typeof userRegistered>['data'];
  'order.confirmed': EventOf<typeof orderConfirmed>['data'];
  'order.packed': EventOf<typeof orderPacked>['data'];
  'order.cancelled': EventOf<typeof orderCancelled>['data'];
  'order.completed': EventOf<typeof orderCompleted>['data'];
  'delivery.assigned': EventOf<typeof deliveryAssigned>['data'];
  'delivery.started': EventOf<typeof deliveryStarted>['data'];
  'payment.refunded': EventOf<typeof paymentRefunded>['data'];
}
export type ToldType = keyof Told;

const REASONS: Record<string, string> = {
  OUT_OF_STOCK: 'Something in it has just sold out.',
  PAYMENT_DECLINED: 'The payment was declined. Try another way to pay.',
  TIMEOUT: 'The payment did not come through in time.',
  NO_RIDER: 'No rider was free. We are sorry.',
  CUSTOMER: 'As you asked.',
  STORE: 'The store could not fill it. We are sorry.',
};

/** Minor units as people write them: `₹1,234.50`. */
export function money(amount: number, currency: string): string {
  return new Intl.NumberFormat('en-IN', { style: 'currency', currency }).format(amount / 100);
}

/** A clock time in the city's zone, e.g. `7:05 pm`. */
const clock = (at: string): string =>
  new Date(at).toLocaleTimeString('en-IN', { hour: 'numeric', minute: '2-digit', timeZone: 'Asia/Kolkata' });

const TEXTS: { [T in ToldType]: (data: Told[T]) => Text } = {
  'user.registered': ({ firstName }) => ({
    title: `Welcome, ${firstName}`,
    body: 'Groceries at your door in minutes.',
  }),
  'order.confirmed': ({ number, total, currency, promisedAt }) => ({
    title: `Order ${number} confirmed`,
    body: `${money(total, currency)}. At your door by ${clock(promisedAt)}.`,
  }),
  'order.packed': ({ number }) => ({
    title: `Order ${number} is packed`,
    body: 'It leaves the store with the next rider.',
  }),
  'order.cancelled': ({ number, reason }) => ({
    title: `Order ${number} cancelled`,
    body: REASONS[reason] ?? 'Nothing will be charged.',
  }),
  'order.completed': ({ number, status }) =>
    status === 'delivered'
      ? { title: `Order ${number} delivered`, body: 'Enjoy! Tell us how it was.' }
      : { title: `Order ${number} could not be delivered`, body: 'You are not charged. We are sorry.' },
  'delivery.assigned': ({ riderName, etaAt }) => ({
    title: `${riderName} brings your order`,
    body: `Expected at ${clock(etaAt)}.`,
  }),
  'delivery.started': ({ riderName, etaAt }) => ({
    title: 'Your order is on its way',
    body: `${riderName} is expected at ${clock(etaAt)}.`,
  }),
  'payment.refunded': ({ refundAmount, currency }) => ({
    title: refundAmount > 0 ? `${money(refundAmount, currency)} on the way back` : 'Payment released',
    body: refundAmount > 0 ? 'Your bank may take a few days to show it.' : 'Nothing was charged.',
  }),
};

/** What to tell about an event. */
export const textOf = <T extends ToldType>(type: T, data: Told[T]): Text => TEXTS[type](data);
