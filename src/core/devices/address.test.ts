import { describe, expect, it } from 'vitest';
import type { E164 } from '../../text/phone-number.ts';
import type { DeviceId } from '../ids.ts';
import type { SenderKind } from '../senders/sender.ts';
import { deviceFor } from './address.ts';
import type { DeviceAddress } from './device.ts';

const devices: DeviceAddress[] = [
  {
    id: 'one' as DeviceId,
    number: '+61491570100' as E164,
    sims: [
      { slot: 0, sim: 1, number: '+61491570156' as E164, carrier: null },
      { slot: 1, sim: 2, number: '+61491570157' as E164, carrier: null },
    ],
  },
  { id: 'two' as DeviceId, number: null, sims: [] },
];

type Asked = Parameters<typeof deviceFor>[0];

describe('by which phone a message goes', () => {
  it.each<[string, Asked, [string, SenderKind], ReturnType<typeof deviceFor>]>([
    ['another sender', null, ['CompanyABC', 'alphanumeric'], null],
    ['a number of a SIM', null, ['61491570157', 'dedicated'], { id: 'one' as DeviceId, sim: 2 }],
    ['the phone’s number', null, ['+61491570100', 'own'], { id: 'one' as DeviceId, sim: null }],
    ['the sender of all phones', null, ['phone', 'shared'], { id: null, sim: null }],
    ['a name that is the same', null, ['phone', 'alphanumeric'], null],
    ['any phone', { id: null, sim: null }, ['x', 'shared'], { id: null, sim: null }],
    ['any phone’s second SIM', { id: null, sim: 2 }, ['x', 'shared'], { id: null, sim: 2 }],
    [
      'any phone, and a number of one',
      { id: null, sim: null },
      ['+61491570156', 'dedicated'],
      { id: 'one' as DeviceId, sim: 1 },
    ],
    [
      'a certain one',
      { id: 'two', sim: null },
      ['x', 'shared'],
      { id: 'two' as DeviceId, sim: null },
    ],
    [
      'a certain one, with its number',
      { id: 'one', sim: null },
      ['+61491570157', 'dedicated'],
      { id: 'one' as DeviceId, sim: 2 },
    ],
    ['one that it does not have', { id: 'three', sim: null }, ['x', 'shared'], undefined],
    ['a SIM that no phone has', { id: 'one', sim: 9 }, ['x', 'shared'], undefined],
    ['a SIM that is none', { id: null, sim: 1.5 }, ['x', 'shared'], undefined],
  ])('%s', (_, asked, [address, kind], expected) => {
    expect(deviceFor(asked, { address, kind }, devices)).toEqual(expected);
  });
});
