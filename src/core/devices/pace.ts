import type { DeviceSettings, WorkingHours } from './device.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** What a phone was given at an instant. */
export interface Given {
  at: number;
  parts: number;
}

/** How many parts a phone may be given now; when there may be more of them where there are none, or too few. */
export interface Allowance {
  parts: number;
  again: number;
  /** Nothing counts against it: one message goes, however long it is. */
  untouched: boolean;
}

/** Since when what a phone was given counts; null: it need not be looked at. */
export function countsSince(
  { pace, dailyParts, timeZone }: Pick<DeviceSettings, 'pace' | 'dailyParts' | 'timeZone'>,
  now: number,
): number | null {
  const starts = [
    ...(pace ? [now - pace.minutes * minuteMs + 1] : []),
    ...(dailyParts === null ? [] : [startOfDay(now, timeZone)]),
  ];
  return starts.length > 0 ? Math.min(...starts) : null;
}

/**
 * What the settings of a phone let it be given.
 * @param given since `countsSince`, the newest first.
 */
export function allowance(
  settings: Pick<DeviceSettings, 'pace' | 'dailyParts' | 'timeZone' | 'hours'>,
  given: readonly Given[],
  now: number,
): Allowance {
  const { pace, dailyParts, timeZone, hours } = settings;
  if (hours && !isWithin(hours, timeZone, now)) {
    return { parts: 0, again: nextOpening(hours, timeZone, now), untouched: false };
  }
  let parts = Number.MAX_SAFE_INTEGER;
  let again = now;
  let untouched = true;
  if (pace) {
    const windowMs = pace.minutes * minuteMs;
    const within = given.filter(({ at }) => at > now - windowMs);
    parts = Math.min(parts, pace.parts - sum(within));
    again = Math.max(again, (within.at(-1)?.at ?? now) + windowMs);
    untouched &&= within.length === 0;
  }
  if (dailyParts !== null) {
    const today = startOfDay(now, timeZone);
    const within = given.filter(({ at }) => at >= today);
    const left = dailyParts - sum(within);
    parts = Math.min(parts, left);
    if (left <= 0) again = Math.max(again, today + dayMs);
    untouched &&= within.length === 0;
  }
  return { parts: Math.max(0, parts), again, untouched };
}

function sum(given: readonly Given[]): number {
  let all = 0;
  for (const { parts } of given) all += parts;
  return all;
}

/** Where clocks are put forward or back, one day a year is wrong by that much: it is looked again then. */
function startOfDay(now: number, timeZone: string): number {
  return now - (localTime(now, timeZone).minutes * minuteMs + (now % minuteMs));
}

function isWithin({ from, until, days }: WorkingHours, timeZone: string, now: number): boolean {
  const { minutes, weekday } = localTime(now, timeZone);
  if (from < until) return days.includes(weekday) && minutes >= from && minutes < until;
  const yesterday = weekday === 1 ? 7 : weekday - 1;
  return (
    (days.includes(weekday) && minutes >= from) || (days.includes(yesterday) && minutes < until)
  );
}

function nextOpening({ from, days }: WorkingHours, timeZone: string, now: number): number {
  const { minutes, weekday } = localTime(now, timeZone);
  const today = startOfDay(now, timeZone);
  for (let ahead = 0; ahead <= 7; ahead++) {
    const day = ((weekday - 1 + ahead) % 7) + 1;
    if (days.includes(day) && (ahead > 0 || minutes < from)) {
      return today + ahead * dayMs + from * minuteMs;
    }
  }
  return now + dayMs;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function localTime(now: number, timeZone: string): { minutes: number; weekday: number } {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    // As many as there are time zones.
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
  return {
    minutes: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
    weekday: weekdays.indexOf(parts.get('weekday') ?? '') + 1,
  };
}

/** Is there such a time zone? */
export function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: text }).format(0) !== '';
  } catch {
    return false;
  }
}
