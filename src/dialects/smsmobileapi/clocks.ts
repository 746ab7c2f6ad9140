import { formatOffset, fromLocal, offsetAt, toLocal } from '../../text/time-zone.ts';
import { formatUtc, parseInstant } from '../../text/instant.ts';
import type { Fields } from './fields.ts';
import { invalid } from './fields.ts';
import type { Settings } from './settings.ts';

/**
 * Times as this API writes them: on the server in UTC, on the phone in local time. Where it writes a UNIX timestamp of
 * the phone's, that is the local time read as if it were UTC (seed, log of sent SMS: 22:07:44 in `timearea` UTC+01 is
 * 1774044464, and `timestamp_server` an hour less).
 */

type Zone = Pick<Settings, 'timeZone'>;

/** An instant in its parts. */
export interface Written {
  /** `2026-03-20` */
  date: string;
  /** `22:07:44` */
  time: string;
  /** Seconds. */
  timestamp: number;
}

export function serverTime(ms: number): Written {
  const text = formatUtc(ms);
  return { date: text.slice(0, 10), time: text.slice(11), timestamp: Math.floor(ms / 1000) };
}

export function localTime(ms: number, { timeZone }: Zone): Written {
  return serverTime(toLocal(timeZone, ms));
}

/** `2026-03-20 22:10:04` in local time. */
export function localText(ms: number, { timeZone }: Zone): string {
  return formatUtc(toLocal(timeZone, ms));
}

/** `20260320222332804` in local time: to the millisecond. */
export function localDigits(ms: number, zone: Zone): string {
  const digits = localText(ms, zone).replaceAll(/\D/g, '');
  return digits + String(Math.floor(ms) % 1000).padStart(3, '0');
}

/** `UTC+01`, with minutes where there are some. */
export function timeArea(ms: number, { timeZone }: Zone): string {
  return `UTC${formatOffset(offsetAt(timeZone, ms)).replace(/:00$/, '')}`;
}

const day = /^\d{4}-\d\d-\d\d$/;
const dayMs = 86_400_000;

/**
 * A parameter with a day or an instant, in local time unless it says otherwise.
 * @returns its first moment, and the one after its last.
 */
export function span(
  fields: Fields,
  name: string,
  { timeZone }: Zone,
): { from: number; before: number } | undefined {
  const text = fields.get(name);
  if (text === undefined) return undefined;
  const isDay = day.test(text);
  const instant = parseInstant(isDay ? `${text} 00:00:00` : text);
  if (instant === undefined) throw invalid(name, 'YYYY-MM-DD or a full datetime');
  if (/(Z|[+-]\d\d:?\d\d)$/.test(text) && !isDay) return { from: instant, before: instant + 1000 };
  const from = fromLocal(timeZone, instant);
  return { from, before: isDay ? fromLocal(timeZone, instant + dayMs) : from + 1000 };
}

/** The first moment of the local day of an instant. */
export function startOfDay(ms: number, { timeZone }: Zone): number {
  const local = toLocal(timeZone, ms);
  return fromLocal(timeZone, local - (((local % dayMs) + dayMs) % dayMs));
}
