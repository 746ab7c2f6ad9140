import type { Device, DeviceSettings, WorkingHours } from '../../core/devices/device.ts';
import { CliError } from '../shared/failure.ts';
import { ago, iso } from '../shared/format.ts';
import type { Session } from '../shared/kit.ts';

/** A device for programs. */
export function deviceDocument(device: Device, account: string) {
  const { id, name, label, number, sims, battery, health, version, online, settings } = device;
  return {
    id,
    account,
    name,
    label,
    number,
    sims,
    battery,
    health,
    version,
    online,
    lastSeenAt: iso(device.lastSeenAt),
    createdAt: iso(device.createdAt),
    settings,
  };
}

/** `yes`, or since when nothing was heard of it. */
export function onlineText({ online, lastSeenAt }: Device, now: number): string {
  return online ? 'yes' : `silent, seen ${ago(now - lastSeenAt)}`;
}

/** The device of this id. @throws CliError when there is none. */
export async function findDevice({ gateway }: Session, id: string): Promise<Device> {
  const device = await gateway.devices.findAny(id);
  if (device) return device;
  throw new CliError(`There is no device '${id}': see \`parlance device list\`.`);
}

/** Its settings for people, as `parlance device set` takes them. */
export function settingFields(settings: DeviceSettings): (readonly [string, string])[] {
  const { pace, dailyParts, hours, timeZone, sims, pause, pingSeconds } = settings;
  return [
    ['pace', pace ? `${pace.parts} parts in ${pace.minutes} minutes` : 'as fast as it takes them'],
    ['daily', dailyParts === null ? 'without limit' : `${dailyParts} parts`],
    ['hours', hours ? `${hoursText(hours)} (${timeZone})` : 'always'],
    ['SIM', simText(sims)],
    ['pause', pause ? `${pause.least} to ${pause.most} s` : 'none'],
    ['ping', pingText(pingSeconds)],
  ];
}

const dayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function hoursText({ from, until, days }: WorkingHours): string {
  const every = days.length === 7 ? '' : ` ${days.map((day) => dayNames[day - 1]).join(',')}`;
  return `${timeText(from)}-${timeText(until)}${every}`;
}

function timeText(minutes: number): string {
  const two = (number: number) => String(number).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function simText(sims: DeviceSettings['sims']): string {
  if (typeof sims === 'object') return String(sims.fixed);
  return sims === 'phone' ? 'as it is set at the phone' : sims;
}

function pingText(seconds: number | null): string {
  if (seconds === null) return 'as it is set at the phone';
  return seconds === 0 ? 'off' : `every ${seconds} s`;
}
