import { expect, it } from 'vitest';
import type { LinkId } from '../core/ids.ts';
import { createMetrics } from './metrics.ts';

const link = 'up' as LinkId;

async function valuesOf(metrics: ReturnType<typeof createMetrics>): Promise<Map<string, number>> {
  const page = await metrics.render();
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const cut = line.lastIndexOf(' ');
      return [line.slice(0, cut), Number(line.slice(cut + 1))];
    }),
  );
}

it('counts what the core tells it', async () => {
  const metrics = createMetrics();
  const { meter } = metrics;
  meter.accepted(100);
  meter.accepted(1);
  meter.refused('number_invalid');
  meter.answered(link, 'accepted');
  meter.answered(link, 'accepted');
  meter.answered(link, 'unknown');
  meter.answered(link, 'retryable', 'ESME_RTHROTTLED');
  meter.moved('sent');
  meter.moved('delivered', 1500);
  meter.replied();
  meter.notified('delivered', 70);
  meter.notified('retried', 50_000);

  const values = await valuesOf(metrics);
  expect(Object.fromEntries(values)).toMatchObject({
    parlance_messages_accepted_total: 101,
    'parlance_messages_refused_total{code="number_invalid"}': 1,
    'parlance_parts_answered_total{link="up",outcome="accepted"}': 2,
    'parlance_parts_answered_total{link="up",outcome="unknown"}': 1,
    'parlance_parts_answered_total{link="up",outcome="retryable"}': 1,
    'parlance_carrier_errors_total{link="up",status="ESME_RTHROTTLED"}': 1,
    'parlance_messages_total{status="sent"}': 1,
    'parlance_messages_total{status="delivered"}': 1,
    'parlance_messages_total{status="failed"}': 0,
    'parlance_receipt_latency_seconds_bucket{le="1"}': 0,
    'parlance_receipt_latency_seconds_bucket{le="2"}': 1,
    parlance_receipt_latency_seconds_count: 1,
    parlance_receipt_latency_seconds_sum: 1.5,
    parlance_replies_total: 1,
    'parlance_notifications_total{outcome="delivered"}': 1,
    'parlance_notifications_total{outcome="retried"}': 1,
    'parlance_notifications_total{outcome="failed"}': 0,
    'parlance_notification_lag_seconds_bucket{le="0.1"}': 1,
    parlance_notification_lag_seconds_count: 1,
  });
});

it('counts on between one look and the next', async () => {
  const metrics = createMetrics();
  metrics.meter.accepted(2);
  await metrics.render();
  metrics.meter.accepted(3);
  await Promise.all([metrics.render(), metrics.render()]);
  expect((await valuesOf(metrics)).get('parlance_messages_accepted_total')).toBe(5);
});

it('takes a receipt that seems to come before its message', async () => {
  const metrics = createMetrics();
  metrics.meter.moved('delivered', -5);
  metrics.meter.moved('delivered', Number.NaN);
  expect((await valuesOf(metrics)).get('parlance_receipt_latency_seconds_sum')).toBe(0);
});

it('bounds the series of a counter', async () => {
  const metrics = createMetrics();
  for (let i = 0; i < 5000; i++) metrics.meter.answered(`link-${i}` as LinkId, 'accepted');
  const values = await valuesOf(metrics);
  const series = [...values].filter(([name]) => name.startsWith('parlance_parts_answered_total'));
  expect(series).toHaveLength(201);
  expect(values.get('parlance_parts_answered_total{link="other",outcome="other"}')).toBe(4800);
});

it('reads gauges when somebody looks', async () => {
  const metrics = createMetrics();
  let age = 3;
  let links: [string, number][] = [
    ['a', 1],
    ['b', 2],
  ];
  metrics.gauge('queue_age_seconds', 'Age of the oldest.', () => age);
  metrics.gauge('queue_size', 'Those that wait.', async () => 7);
  metrics.gaugeBy('window_used', 'Parts on their way.', 'link', () => links);
  const first = await valuesOf(metrics);
  expect(first.get('parlance_queue_age_seconds')).toBe(3);
  expect(first.get('parlance_queue_size')).toBe(7);
  expect(first.get('parlance_window_used{link="b"}')).toBe(2);

  age = 4;
  links = [['a', 5]];
  const second = await valuesOf(metrics);
  expect(second.get('parlance_queue_age_seconds')).toBe(4);
  expect(second.get('parlance_window_used{link="a"}')).toBe(5);
  expect(second.has('parlance_window_used{link="b"}')).toBe(false);
});

it('leaves out a gauge that cannot be read, and shows the rest', async () => {
  const metrics = createMetrics();
  let works = true;
  const read = () => {
    if (!works) throw new Error('storage is gone');
    return 1;
  };
  metrics.gauge('plain', 'x', read);
  metrics.gaugeBy('labelled', 'x', 'link', async () => [['a', read()]]);
  metrics.gauge('not_a_number', 'x', () => Number.NaN);
  await metrics.render();
  works = false;
  await metrics.render();
  const values = await valuesOf(metrics);
  expect(values.has('parlance_plain')).toBe(false);
  expect(values.has('parlance_labelled{link="a"}')).toBe(false);
  expect(values.get('parlance_gauge_errors_total{gauge="plain"}')).toBeGreaterThan(0);
  expect(values.get('parlance_messages_accepted_total')).toBe(0);
  works = true;
  expect((await valuesOf(metrics)).get('parlance_plain')).toBe(1);
});

it('shows the process, each set of metrics by itself', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.meter.replied();
  const values = await valuesOf(other);
  expect(values.get('parlance_replies_total')).toBe(0);
  expect(values.has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
  expect(values.has('process_cpu_seconds_total')).toBe(true);
  expect(one.contentType).toMatch(/^text\/plain/);
});
