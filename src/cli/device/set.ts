import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { DeviceSettings, SimChoice, WorkingHours } from '../../core/devices/device.ts';
import { mostSims } from '../../core/devices/device.ts';
import { CliError, usageError } from '../shared/failure.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { wholeNumber } from '../shared/parse.ts';
import { findDevice } from './present.ts';
import { showDevice } from './show.ts';

/** commander takes null for no value at all. */
type OrOff<Value> = NonNullable<Value> | 'off';

interface SetOptions {
  label?: string;
  number?: string;
  pace?: OrOff<DeviceSettings['pace']>;
  daily?: OrOff<number>;
  hours?: OrOff<WorkingHours>;
  timeZone?: string;
  sim?: SimChoice;
  pause?: OrOff<DeviceSettings['pause']>;
  ping?: OrOff<number> | 'phone';
}

/** `parlance device set` */
export function addSet(group: Command, kit: Kit): void {
  const command = group
    .command('set')
    .argument('<id>', 'as `parlance device list` shows it')
    .description('Change a phone: what it is called, its number, and how much it is given.')
    .option('--label <text>', 'a name for your lists; empty: none')
    .option('--number <number>', 'of its SIM, which becomes a sender; empty: not known')
    .option(
      '--pace <parts/minutes>',
      'at most so many parts in so long, such as 30/30; or off',
      parsePace,
    )
    .option('--daily <parts>', 'at most so many parts a day; or off', parseDaily)
    .option(
      '--hours <from-until[ days]>',
      'when it may send, such as "08:00-20:00 1-5" (1 is Monday); or off',
      parseHours,
    )
    .option('--time-zone <name>', 'of its days and hours, such as Australia/Sydney')
    .option('--sim <choice>', 'phone, rotation, random, or the number of one', parseSim)
    .option('--pause <least-most>', 'seconds between two messages, such as 2-9; or off', parsePause)
    .option('--ping <seconds>', 'how often it says that it is there; off; or phone', parsePing)
    .action(
      storageAction(kit, async (session, options: SetOptions, id: string) => {
        if (Object.keys(options).length === 0) {
          throw usageError('Say what to change: see `parlance device set --help`.');
        }
        const { gateway } = session;
        const { accountId } = await findDevice(session, id);
        const changed = await gateway.devices.change(await gateway.owner.actAs(accountId), id, {
          ...(options.label !== undefined && { label: options.label || null }),
          ...(options.number !== undefined && { number: options.number || null }),
          settings: settingsOf(options),
        });
        if (!changed) throw new CliError(`The device ${id} is gone.`);
        await showDevice(session, changed);
      }),
    );
  examples(command, [
    ['parlance device set K1J1oQe8YjTTRFWJGNl7 --label desk --number +61491570156', 'which it is'],
    ['parlance device set K1J1oQe8YjTTRFWJGNl7 --pace 100/30 --daily 2000', 'how much it may send'],
    [
      'parlance device set K1J1oQe8YjTTRFWJGNl7 --hours "08:00-20:00 1-5" --time-zone Australia/Sydney',
      'and when',
    ],
  ]);
}

function settingsOf(options: SetOptions): Partial<DeviceSettings> {
  const { pace, daily, hours, timeZone, sim, pause, ping } = options;
  return {
    ...(pace !== undefined && { pace: unlessOff(pace) }),
    ...(daily !== undefined && { dailyParts: unlessOff(daily) }),
    ...(hours !== undefined && { hours: unlessOff(hours) }),
    ...(timeZone !== undefined && { timeZone }),
    ...(sim !== undefined && { sims: sim }),
    ...(pause !== undefined && { pause: unlessOff(pause) }),
    ...(ping !== undefined && { pingSeconds: ping === 'phone' ? null : (unlessOff(ping) ?? 0) }),
  };
}

function unlessOff<Value>(value: Value | 'off'): Value | null {
  return value === 'off' ? null : value;
}

function parsePace(text: string): SetOptions['pace'] {
  if (text === 'off') return 'off';
  const [parts = '', minutes = '', more] = text.split('/');
  if (more !== undefined) throw new InvalidArgumentError('It must be such as 30/30, or off.');
  return { parts: wholeNumber(1, 10_000)(parts), minutes: wholeNumber(1, 1440)(minutes) };
}

function parseDaily(text: string): SetOptions['daily'] {
  return text === 'off' ? 'off' : wholeNumber(1, 10_000)(text);
}

function parseSim(text: string): SimChoice {
  if (text === 'phone' || text === 'rotation' || text === 'random') return text;
  return { fixed: wholeNumber(1, mostSims)(text) };
}

function parsePause(text: string): SetOptions['pause'] {
  if (text === 'off') return 'off';
  const [least = '', most = least] = text.split('-');
  const seconds = wholeNumber(1, 3600);
  const pause = { least: seconds(least), most: seconds(most) };
  if (pause.least > pause.most) throw new InvalidArgumentError('It must be such as 2-9, or off.');
  return pause;
}

function parsePing(text: string): SetOptions['ping'] {
  return text === 'phone' || text === 'off' ? text : wholeNumber(10, 86_400)(text);
}

const hoursForm = /^(\d\d):(\d\d)-(\d\d):(\d\d)(?: +([1-7](?:-[1-7])?(?:,[1-7](?:-[1-7])?)*))?$/;

function parseHours(text: string): SetOptions['hours'] {
  if (text === 'off') return 'off';
  const [, fromHour, fromMinute, untilHour, untilMinute, days = '1-7'] = hoursForm.exec(text) ?? [];
  const from = Number(fromHour) * 60 + Number(fromMinute);
  const until = Number(untilHour) * 60 + Number(untilMinute);
  if (!(from < 1440 && until <= 1440 && Number(fromMinute) < 60 && Number(untilMinute) < 60)) {
    throw new InvalidArgumentError('It must be such as "08:00-20:00 1-5", or off.');
  }
  return { from, until: until % 1440, days: daysOf(days) };
}

function daysOf(text: string): number[] {
  const days = text.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: 7 }, (_, at) => at + 1).filter((day) =>
      first <= last ? day >= first && day <= last : day >= first || day <= last,
    );
  });
  return [...new Set(days)].toSorted((a, b) => a - b);
}
