import { GatewayError } from '../errors.ts';
import type { DeviceSettings, Kept, StoredSettings } from './device.ts';
import { mostSims } from './device.ts';
import { isTimeZone } from './pace.ts';

/** @throws GatewayError `invalid_request` for what no phone could keep. */
export function checkSettings(settings: Partial<DeviceSettings>): void {
  for (const [field, complaint] of complaints(settings)) {
    if (complaint !== null) throw new GatewayError('invalid_request', complaint, { field });
  }
}

/** What is stored once something of it is changed. */
export function changedSettings(
  { told: before = [], ...known }: StoredSettings,
  change: Partial<DeviceSettings>,
): StoredSettings {
  const settings = { ...known, ...change };
  const { pause, sims } = settings;
  const now: Kept[] = [
    ...(pause === null ? [] : (['pause'] as const)),
    ...(sims === 'rotation' || sims === 'random' ? (['sims'] as const) : []),
  ];
  const told = [...new Set([...before, ...now])];
  return { ...settings, ...(told.length > 0 && { told }) };
}

function complaints({
  pace,
  dailyParts,
  hours,
  timeZone,
  sims,
  pause,
  pingSeconds,
}: Partial<DeviceSettings>): [keyof DeviceSettings, string | null][] {
  const unless = (right: boolean, complaint: string) => (right ? null : complaint);
  return [
    [
      'pace',
      unless(
        !pace || (isCount(pace.parts, 1, 10_000) && isCount(pace.minutes, 1, 1440)),
        'A pace is 1 to 10000 parts in 1 to 1440 minutes.',
      ),
    ],
    [
      'dailyParts',
      unless(!isThere(dailyParts) || isCount(dailyParts, 1, 10_000), 'A day has 1 to 10000 parts.'),
    ],
    [
      'hours',
      unless(
        !hours ||
          (isCount(hours.from, 0, 1439) &&
            isCount(hours.until, 0, 1439) &&
            hours.days.length > 0 &&
            hours.days.every((day) => isCount(day, 1, 7))),
        'Working hours are from a minute of the day to another, on at least one of the days 1 to 7.',
      ),
    ],
    [
      'timeZone',
      unless(timeZone === undefined || isTimeZone(timeZone), `'${timeZone}' is no time zone.`),
    ],
    [
      'sims',
      unless(
        typeof sims !== 'object' || isCount(sims.fixed, 1, mostSims),
        `SIMs are counted from 1 to ${mostSims}.`,
      ),
    ],
    [
      'pause',
      unless(
        !pause || (isCount(pause.least, 1, pause.most) && isCount(pause.most, 1, 3600)),
        'A pause is 1 to 3600 seconds, the least not more than the most.',
      ),
    ],
    [
      'pingSeconds',
      unless(
        !isThere(pingSeconds) || isCount(pingSeconds, 0, 86_400),
        'Pings come every 1 to 86400 seconds, or 0: not at all.',
      ),
    ],
  ];
}

function isThere<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined;
}

function isCount(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
