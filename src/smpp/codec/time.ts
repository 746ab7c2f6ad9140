/**
 * Times as SMPP writes them (3.4, chapter 7.1.1): 16 characters `YYMMDDhhmmsstnnp`.
 *
 * Absolute: local time to a tenth of a second (`t`), then how far it is from UTC in quarters of an
 * hour (`nn`) and whether it is ahead (`+`) or behind (`-`).
 * Relative: `YYMMDDhhmmss000R`, years to seconds counted from when the message arrives.
 */

const SECOND_MS = 1_000;
const QUARTER_MS = 15 * 60_000;
const mostRelativeDays = 31;

/**
 * Takes an instant in epoch milliseconds; gives it in UTC, cut to tenths of a second. Throws
 * RangeError when it is none.
 */
export function formatAbsoluteTime(instant: number): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) throw new RangeError(`not an instant: ${instant}`);
  const fields = [
    date.getUTCFullYear() % 100,
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ];
  return `${fields.map(twoDigits).join('')}${Math.floor(date.getUTCMilliseconds() / 100)}00+`;
}

/**
 * Takes a period in milliseconds; gives it in days to seconds, begun seconds counted whole. Throws
 * RangeError when it is negative or more than 31 days: months are of different lengths, and carriers
 * read a day above 31 as a mistake.
 */
export function formatRelativeTime(period: number): string {
  const seconds = Math.ceil(period / SECOND_MS);
  const days = Math.floor(seconds / 86_400);
  if (!(seconds >= 0 && seconds <= mostRelativeDays * 86_400)) {
    throw new RangeError(`not 0 to ${mostRelativeDays} days: ${period} ms`);
  }
  const fields = [
    days,
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  return `0000${fields.map(twoDigits).join('')}000R`;
}

const TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d)(\d\d)([-+R])$/;

/**
 * Takes a time and the present in epoch milliseconds; gives what it means in epoch milliseconds, or
 * undefined for the empty one and for what is none. A century is not written: it is the one that
 * brings the date nearest to the present. Relative fields may be anything two digits can say (`48`
 * hours), while an absolute one must be in the calendar and at most 12 hours from UTC.
 */
export function parseTime(text: string, now: number): number | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second, tenth, quarters] = match
    .slice(1, 9)
    .map(Number) as [number, number, number, number, number, number, number, number];
  const present = new Date(now);
  if (match[9] === 'R') {
    return Date.UTC(
      present.getUTCFullYear() + year,
      present.getUTCMonth() + month,
      present.getUTCDate() + day,
      present.getUTCHours() + hour,
      present.getUTCMinutes() + minute,
      present.getUTCSeconds() + second,
      present.getUTCMilliseconds(),
    );
  }
  if (hour > 23 || minute > 59 || second > 59 || quarters > 48) return undefined;
  const fullYear = nearestYear(year, present.getUTCFullYear());
  const local = Date.UTC(fullYear, month - 1, day, hour, minute, second, tenth * 100);
  if (new Date(local).getUTCMonth() !== month - 1) return undefined;
  const ahead = quarters * QUARTER_MS;
  return match[9] === '+' ? local - ahead : local + ahead;
}

function nearestYear(lastDigits: number, present: number): number {
  const sameCentury = present - (present % 100) + lastDigits;
  if (sameCentury - present > 50) return sameCentury - 100;
  if (present - sameCentury > 50) return sameCentury + 100;
  return sameCentury;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
