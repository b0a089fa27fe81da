import type { Deployment } from '../deployment.js';
import { type Alert, growing, type Series, steady } from './alert.js';
import { jobOf, placed } from './rules.js';

/** What the shop lives on. */
export const orderAlerts = (deployment: Deployment): Alert[] => [
  none(deployment),
  slowly(deployment),
  stuck(deployment),
  payments,
];

const none = (deployment: Deployment): Alert => {
  const taken: Series = [placed(deployment).replace('{', '{instance="a",'), growing(2)];
  const confirmed = `nakku_order_confirm_seconds_count{job="${jobOf(deployment, 'order')}",instance="a"}`;
  return {
    name: 'NoOrderConfirmed',
    expr: 'nakku:orders_placed:increase15m > 3 and nakku:orders_confirmed:increase15m == 0',
    for: '2m',
    severity: 'critical',
    summary: 'Orders are placed, but none has been confirmed for a quarter of an hour',
    description:
      'Follow one order (GET /api/v1/orders/{id}/timeline): what it waits for is stock, the payment, or an event.',
    proof: {
      labels: {},
      fires: [taken, [confirmed, steady(5)]],
      quiet: [taken, [confirmed, growing(1)]],
    },
  };
};

const slowly = (deployment: Deployment): Alert => {
  const bucket = (le: string) =>
    `nakku_order_confirm_seconds_bucket{job="${jobOf(deployment, 'order')}",instance="a",le="${le}"}`;
  const of = (within: number): Series[] => [
    [bucket('5'), growing(within)],
    [bucket('10'), growing(100)],
    [bucket('+Inf'), growing(100)],
  ];
  return {
    name: 'OrdersConfirmedSlowly',
    expr: 'histogram_quantile(0.95, sum by (le) (rate(nakku_order_confirm_seconds_bucket[10m]))) > 5',
    for: '10m',
    severity: 'warning',
    summary: 'One in twenty orders takes longer than 5 s from being placed to being confirmed',
    description: 'Look at the delay of events, at the outboxes, and at how long the payment provider takes.',
    proof: { labels: {}, fires: of(50), quiet: of(99) },
  };
};

const stuck = (deployment: Deployment): Alert => {
  const oldest = `nakku_saga_oldest_seconds{status="pending",job="${jobOf(deployment, 'order')}",instance="a"}`;
  return {
    name: 'OrdersStuck',
    expr: 'max(nakku_saga_oldest_seconds{status="pending"}) > 600',
    for: '2m',
    severity: 'critical',
    summary: 'An order has been pending for more than ten minutes, though the saga cancels it after five',
    description: 'The timer of the saga does not run or fails: see the log of the order service and its database.',
    proof: { labels: {}, fires: [[oldest, steady(900)]], quiet: [[oldest, steady(120)]] },
  };
};

const payments: Alert = {
  name: 'PaymentsFail',
  expr: `sum(increase(nakku_payments_total{status="failed"}[15m])) > 3
  and sum(increase(nakku_payments_total{status="failed"}[15m])) / sum(increase(nakku_payments_total{status="initiated"}[15m])) > 0.3`,
  for: '5m',
  severity: 'critical',
  summary: 'More than 30 % of the payments of the last quarter of an hour have failed',
  description: 'See whether the provider answers and whether its keys are valid. Cash on delivery still works.',
  proof: { labels: {}, fires: attempts(6), quiet: attempts(1) },
};

function attempts(failing: number): Series[] {
  const of = (status: string) =>
    `nakku_payments_total{method="card",status="${status}",job="payment-service",instance="a"}`;
  return [
    [of('initiated'), growing(10)],
    [of('authorised'), growing(10 - failing)],
    [of('failed'), growing(failing)],
  ];
}
