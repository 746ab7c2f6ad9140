import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { messageStatuses } from '../core/messages/status.ts';
import type { Meter } from '../core/ports/meter.ts';
import { Tally } from './tally.ts';

export interface Metrics {
  meter: Meter;
  /**
   * Shows a value that is read when somebody looks: a queue's age, a window's use. One that cannot be
   * read is left out, and counted in parlance_gauge_errors_total.
   * @param name without the `parlance_` that all have.
   */
  gauge(name: string, help: string, read: () => number | Promise<number>): void;
  /**
   * The same for a value that several things have.
   * @param label what tells them apart: `link`.
   * @param read must give few and known names; only the first hundred are shown.
   */
  gaugeBy(
    name: string,
    help: string,
    label: string,
    read: () => Iterable<readonly [string, number]> | Promise<Iterable<readonly [string, number]>>,
  ): void;
  /** The page for Prometheus. */
  render(): Promise<string>;
  contentType: string;
}

const mostNames = 100;

/** From a fast carrier's second to the three days after which a receipt is given up. */
const receiptBuckets = [0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200, 28_800, 86_400, 259_200];
/** From a healthy receiver's tenth of a second to a day of retries. */
const lagBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 28_800, 86_400];

/** Makes the metrics of one process, in a registry of their own. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const tally = (name: string, help: string, labelNames: string[] = []) =>
    new Tally(`parlance_${name}`, help, labelNames, registry);
  const accepted = tally('messages_accepted_total', 'Messages taken in.').of();
  const refused = tally('messages_refused_total', 'Messages refused, by reason.', ['code']);
  const answered = tally(
    'parts_answered_total',
    "Networks' answers to parts handed over: accepted, retryable, refused or unknown.",
    ['link', 'outcome'],
  );
  const errors = tally(
    'carrier_errors_total',
    'Errors that networks answered to parts handed over, by their own names.',
    ['link', 'status'],
  );
  const moved = tally('messages_total', 'Messages that reached a status.', ['status']);
  const rerouted = tally(
    'messages_rerouted_total',
    'Messages that waited for a link which was down and took another one.',
    ['link'],
  );
  const replied = tally('replies_total', 'Replies received from handsets.').of();
  const notified = tally(
    'notifications_total',
    "Tries to tell a client's server: delivered, retried or failed for good.",
    ['outcome'],
  );
  // So that the first of each is seen as a rise from 0.
  for (const status of messageStatuses) moved.of(status);
  for (const outcome of ['delivered', 'retried', 'failed']) notified.of(outcome);
  const unread = tally('gauge_errors_total', 'Gauges that could not be read.', ['gauge']);
  const receiptLatency = new Histogram({
    name: 'parlance_receipt_latency_seconds',
    help: 'From the hand-over of a message to the receipt that settled it.',
    buckets: receiptBuckets,
    registers,
  });
  const notificationLag = new Histogram({
    name: 'parlance_notification_lag_seconds',
    help: "From an event to the client's server having heard of it.",
    buckets: lagBuckets,
    registers,
  });

  const meter: Meter = {
    accepted: (messages) => accepted.add(messages),
    refused: (code) => refused.of(code).add(1),
    answered(linkId, outcome, said) {
      answered.of(linkId, outcome).add(1);
      if (said !== undefined) errors.of(linkId, said).add(1);
    },
    moved(status, sinceSentMs) {
      moved.of(status).add(1);
      if (sinceSentMs !== undefined) receiptLatency.observe(seconds(sinceSentMs));
    },
    replied: () => replied.add(1),
    rerouted: (linkId, messages) => rerouted.of(linkId).add(messages),
    notified(outcome, lagMs) {
      notified.of(outcome).add(1);
      if (outcome === 'delivered') notificationLag.observe(seconds(lagMs));
    },
  };

  function gaugeBy(...[name, help, label, read]: Parameters<Metrics['gaugeBy']>): void {
    const gauge = new Gauge({
      name: `parlance_${name}`,
      help,
      labelNames: label === '' ? [] : [label],
      registers,
      async collect() {
        try {
          const values = [...(await read())].slice(0, mostNames);
          gauge.reset();
          for (const [of, value] of values) gauge.set(label === '' ? {} : { [label]: of }, value);
        } catch {
          // `reset` would leave a gauge without labels at 0, which is not true.
          if (label === '') gauge.remove();
          else gauge.reset();
          unread.of(name).add(1);
        }
      },
    });
  }

  return {
    meter,
    gauge: (name, help, read) => gaugeBy(name, help, '', async () => [['', await read()]]),
    gaugeBy,
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** Two clocks may differ: a receipt may seem to come before its message. */
function seconds(ms: number): number {
  return Number.isFinite(ms) ? Math.max(0, ms) / 1000 : 0;
}
