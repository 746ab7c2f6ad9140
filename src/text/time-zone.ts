import { formatUtc } from './instant.ts';

/**
 * Local times. A time zone is named as IANA does (`Europe/Brussels`); a local time is written as the instant in UTC that
 * has the same digits.
 */

const formats = new Map<string, Intl.DateTimeFormat>();

/** Is it a time zone that the runtime knows? */
export function isTimeZone(name: string): boolean {
  return formatOf(name) !== undefined;
}

/** How far a zone is ahead of UTC at an instant, in milliseconds. @throws RangeError for no zone. */
export function offsetAt(zone: string, ms: number): number {
  if (zone === 'UTC') return 0;
  const format = formatOf(zone);
  if (!format) throw new RangeError(`no time zone: ${zone}`);
  const second = Math.floor(ms / 1000) * 1000;
  const parts = new Map(format.formatToParts(second).map(({ type, value }) => [type, value]));
  const of = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const local = Date.UTC(
    of('year'),
    of('month') - 1,
    of('day'),
    of('hour'),
    of('minute'),
    of('second'),
  );
  return local - second;
}

/** The local time of an instant. */
export function toLocal(zone: string, ms: number): number {
  return ms + offsetAt(zone, ms);
}

/**
 * The instant of a local time. One that comes twice, as clocks are set back, is the first of both; one that is left out
 * is as much later as was left out.
 */
export function fromLocal(zone: string, local: number): number {
  const before = local - offsetAt(zone, local - dayMs);
  const after = local - offsetAt(zone, local + dayMs);
  return toLocal(zone, before) === local || toLocal(zone, after) !== local ? before : after;
}

/** An offset as ISO 8601 has it: `+01:00`. */
export function formatOffset(offset: number): string {
  const minutes = Math.round(Math.abs(offset) / 60_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** `2026-03-20T22:07:44+01:00`. */
export function formatLocal(zone: string, ms: number): string {
  const offset = offsetAt(zone, ms);
  return `${formatUtc(ms + offset).replace(' ', 'T')}${formatOffset(offset)}`;
}

const dayMs = 86_400_000;
/** Of zones that are asked for; there are some 600 with all their names. */
const mostFormats = 1_000;

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone);
  if (known) return known;
  try {
    const made = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    if (formats.size < mostFormats) formats.set(zone, made);
    return made;
  } catch {
    return undefined;
  }
}
