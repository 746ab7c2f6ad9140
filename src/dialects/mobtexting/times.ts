import { formatUtc } from '../../text/instant.ts';
import { fromLocal, toLocal } from '../../text/time-zone.ts';

/** A time of a message: `2018-07-09 16:27:35`, in the account's zone; empty for none. */
export function timeText(at: number | null, zone: string): string {
  return at === null ? '' : formatUtc(toLocal(zone, at));
}

/** A time of a resource, as Laravel writes it: `2022-11-16T06:53:26.000000Z`. */
export function resourceTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, -1)}000Z`;
}

const timeForm = /^(\d{4})-(\d{1,2})-(\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([AP])M)?$/i;

/**
 * Reads `yyyy-mm-dd hh:mm:ss`, or without seconds, or with `AM` and `PM` as the XML sample has it
 * (`2018-07-05 10:30AM`).
 * @returns undefined for anything else.
 */
export function readTime(text: string, zone: string): number | undefined {
  const [, year, month, day, hour, minute, second = '0', half] = timeForm.exec(text) ?? [];
  if (year === undefined) return undefined;
  const hours = hourOf(Number(hour), half);
  if (hours === undefined || Number(minute) > 59 || Number(second) > 59) return undefined;
  const date = dayOf(Number(year), Number(month), Number(day));
  if (date === undefined) return undefined;
  return fromLocal(zone, date + ((hours * 60 + Number(minute)) * 60 + Number(second)) * 1000);
}

function hourOf(hour: number, half: string | undefined): number | undefined {
  if (half === undefined) return hour > 23 ? undefined : hour;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half.toUpperCase() === 'P' ? 12 : 0);
}

function dayOf(year: number, month: number, day: number): number | undefined {
  const at = Date.UTC(year, month - 1, day);
  const date = new Date(at);
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year >= 1000;
  return isDay ? at : undefined;
}

/** A day of the account's zone. */
export interface Day {
  /** `2019-07-02` */
  date: string;
  from: number;
  before: number;
}

/** Reads `yyyy-mm-dd`, also with a time behind it, which is passed over. @returns undefined for anything else. */
export function readDay(text: string, zone: string): Day | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].{0,30})?$/.exec(text) ?? [];
  const local = dayOf(Number(year), Number(month), Number(day));
  return local === undefined ? undefined : dayAt(local, zone);
}

/** The day that begins at a local time. */
export function dayAt(local: number, zone: string): Day {
  return {
    date: new Date(local).toISOString().slice(0, 10),
    from: fromLocal(zone, local),
    before: fromLocal(zone, local + dayMs),
  };
}

export const dayMs = 86_400_000;
