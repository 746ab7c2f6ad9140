import { z } from 'zod';
import type { Tally } from '../../core/ports/tally-storage.ts';
import { toLocal } from '../../text/time-zone.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import { done } from './envelope.ts';
import { oldPaginator, paged, pageOf } from './paginator.ts';
import { invalid, optional, read } from './schema.ts';
import { statusOf } from './statuses.ts';
import type { Day } from './times.ts';
import { dayAt, dayMs, readDay } from './times.ts';

/** Each day is counted for itself. */
const mostDays = 92;
const usualDays = 30;
const perPage = 25;

const span = z.object({ daterange: optional(64) });

/** `GET sms/report?daterange=2019-06-19|2019-06-22`: how many messages of each day have which status, the last day first. */
const report: Handler = async (call, { gateway, clock }) => {
  const days = daysOf(call, clock.now(), 1);
  const data: Record<string, unknown> = {};
  for (const day of days) {
    const status = new Map<string, number>();
    for (const tally of await gateway.history.tally(call.caller, day)) {
      const name = statusOf(tally);
      status.set(name, (status.get(name) ?? 0) + tally.messages);
    }
    if (status.size === 0) continue;
    const names = [...status].toSorted(([one], [other]) => (one < other ? -1 : 1));
    data[day.date] = { date: day.date, status: Object.fromEntries(names) };
  }
  return done('OK', data);
};

/**
 * `GET sms/activity`: what was sent and delivered by product and day, of the last thirty days. What a purse had before
 * and after is not kept by day: `opening` and `available` are as they are now.
 */
const activity: Handler = async (call, { gateway, clock }) => {
  const days = daysOf(call, clock.now(), usualDays);
  const left = new Map<string, number>();
  for (const { product, balance } of await gateway.products(call.caller)) {
    left.set(product.code, balance);
  }
  const own = (await gateway.balance(call.caller)) ?? 0;
  const rows: object[] = [];
  for (const { date, from, before } of days) {
    const tallies = await gateway.history.tally(call.caller, { from, before });
    for (const [service, sums] of byService(tallies)) {
      const available = decimals(left.get(service) ?? own);
      rows.push({
        service,
        opening: available,
        available,
        sent_units: String(sums.sent),
        sent_credits: decimals(sums.price),
        deliv_units: String(sums.delivered),
        on_date: date,
      });
    }
  }
  const at = pageOf(call, perPage);
  return { body: { rows: oldPaginator(paged(rows, at), at, call) } };
};

export const reportEndpoints: readonly Endpoint[] = [
  { path: '/sms/report', methods: { GET: report } },
  { path: '/sms/activity', methods: { GET: activity } },
];

/** The days that are asked for, the last one first; today and those before it where none are. */
function daysOf({ input, settings }: Call, now: number, usual: number): Day[] {
  const zone = settings.timeZone;
  const { daterange } = read(span, input);
  const today = Math.floor(toLocal(zone, now) / dayMs) * dayMs;
  const wanted =
    daterange === undefined ? [today - (usual - 1) * dayMs, today] : rangeOf(daterange);
  const [first = today, last = first] = wanted;
  if (last < first) throw invalid('daterange', 'The daterange must begin before it ends.');
  if ((last - first) / dayMs >= mostDays) {
    throw invalid('daterange', `The daterange must have at most ${mostDays} days.`);
  }
  const count = (last - first) / dayMs + 1;
  return Array.from({ length: count }, (_, nth) => dayAt(last - nth * dayMs, zone));
}

/** Both ends of `2019-06-19|2019-06-22`, or one day alone, as local days. */
function rangeOf(text: string): number[] {
  return text.split('|').map((one) => {
    const day = text.split('|').length > 2 ? undefined : readDay(one.trim(), 'UTC');
    if (!day) throw invalid('daterange', 'The daterange does not match the format Y-m-d|Y-m-d.');
    return day.from;
  });
}

interface Sums {
  sent: number;
  price: number;
  delivered: number;
}

/** Of what was not refused at once. */
function byService(tallies: readonly Tally[]): Map<string, Sums> {
  const sums = new Map<string, Sums>();
  for (const { product, status, parts, price } of tallies) {
    if (status === 'rejected' && price === 0) continue;
    const service = product ?? '';
    const known = sums.get(service) ?? { sent: 0, price: 0, delivered: 0 };
    known.sent += parts;
    known.price += price;
    if (status === 'delivered') known.delivered += parts;
    sums.set(service, known);
  }
  return sums;
}

/** Millicredits as credits with four decimals: `5.0000`. */
export function decimals(amount: number): string {
  return (amount / 1000).toFixed(4);
}
