import { describe, expect, it } from 'vitest';
import type { E164 } from '../../text/phone-number.ts';
import { destinationAddress, numberOf, sourceAddress } from './addresses.ts';
import { References } from './references.ts';
import { smppSettings } from './settings.ts';
import { actionFor } from './status-actions.ts';
import { VendorTlvs } from './vendor-tlvs.ts';

const settings = (more: Record<string, unknown> = {}) =>
  smppSettings.parse({ host: 'smsc.example', systemId: 'me', ...more });

describe('an address', () => {
  it.each([
    ['CompanyABC', {}, 5, 0, 'CompanyABC'],
    ['+61412345678', {}, 1, 1, '61412345678'],
    ['61412345678', {}, 1, 1, '61412345678'],
    ['12345', {}, 3, 0, '12345'],
    ['+12345', {}, 1, 1, '12345'],
    ['Room 101', {}, 5, 0, 'Room 101'],
    ['+61412345678', { plus: true }, 1, 1, '+61412345678'],
    ['12345', { source: { ton: 0, npi: 1 } }, 0, 1, '12345'],
  ])('of sender %j with %j', (sender, more, ton, npi, address) => {
    expect(sourceAddress(sender, settings(more))).toEqual({ ton, npi, address });
  });

  it('of a handset', () => {
    const number = '+61412345678' as E164;
    const plain = { ton: 1, npi: 1, address: '61412345678' };
    expect(destinationAddress(number, settings())).toEqual(plain);
    const own = { destination: { ton: 2, npi: 8 }, plus: true };
    expect(destinationAddress(number, settings(own))).toEqual({
      ton: 2,
      npi: 8,
      address: '+61412345678',
    });
  });

  it.each([
    ['61412345678', 1, undefined, '+61412345678'],
    ['+61412345678', 0, undefined, '+61412345678'],
    ['0061412345678', 0, undefined, '+61412345678'],
    ['0412345678', 2, 'AU', '+61412345678'],
    ['412345678', 2, 'AU', '+61412345678'],
    ['0412345678', 0, undefined, undefined],
    ['Telstra', 5, 'AU', undefined],
    ['12345', 3, undefined, undefined],
    ['', 1, undefined, undefined],
  ])('%j of type %i in %s is %s', (address, ton, home, number) => {
    expect(numberOf(address, ton, home as Parameters<typeof numberOf>[2])).toBe(number);
  });
});

describe('the reference of a long message', () => {
  it('is the same for all its parts, also after a restart', () => {
    const [before, after] = [new References(8), new References(8)];
    const reference = before.of('message-1', '+61412345678');
    expect(before.of('message-1', '+61412345678')).toBe(reference);
    expect(after.of('message-1', '+61412345678')).toBe(reference);
  });

  it('differs between messages that are under way to one handset', () => {
    const references = new References(8);
    const seen: number[] = [];
    for (let at = 0; at < 2_000; at++) {
      const reference = references.of(`message-${at}`, '+61412345678');
      expect(reference).toBeLessThan(256);
      expect(seen.slice(-8)).not.toContain(reference);
      seen.push(reference);
    }
    expect(new Set(seen).size).toBeGreaterThan(250);
  });

  it('has sixteen bits where they are wanted', () => {
    const references = new References(16);
    const seen = Array.from({ length: 50 }, (_, at) => references.of(`${at}`, '+61412345678'));
    expect(Math.max(...seen)).toBeGreaterThan(255);
    expect(Math.max(...seen)).toBeLessThan(65_536);
  });
});

describe('a status of the carrier', () => {
  it.each([
    [0x58, { action: 'throttle' }],
    [0x14, { action: 'again', times: 6, afterSeconds: 180 }],
    [0x08, { action: 'again', times: 2, afterSeconds: 30 }],
    [0x45, { action: 'elsewhere' }],
    [0x0b, { action: 'refuse' }],
    [0x0a, { action: 'refuse' }],
    [0x65, { action: 'refuse' }],
    [0x4242, { action: 'refuse' }],
  ])('%i has what follows from it', (status, action) => {
    expect(actionFor(status, settings().statuses)).toEqual(action);
  });

  it('means what the owner says', () => {
    const statuses = {
      '0x58': 'elsewhere',
      '1035': { times: 3, afterSeconds: 5 },
      '0x45': 'refuse',
    };
    const own = settings({ statuses }).statuses;
    expect(actionFor(0x58, own)).toEqual({ action: 'elsewhere' });
    expect(actionFor(1035, own)).toEqual({ action: 'again', times: 3, afterSeconds: 5 });
    expect(actionFor(0x45, own)).toEqual({ action: 'refuse' });
    expect(actionFor(0x14, own)).toMatchObject({ action: 'again' });
  });
});

describe('parameters of a carrier', () => {
  it('are for all messages, or for those of some senders', () => {
    const { tlvs } = settings({
      tlvs: [
        { tag: 0x1400, text: '1101' },
        { tag: '0x1401', text: '1207', senders: ['TXTSMS'] },
        { tag: '0x1400', text: '9', senders: ['TXTSMS'] },
        { tag: '0x2000', number: 258, octets: 2 },
        { tag: '0x2001', hex: 'CAFE' },
      ],
    });
    const of = (sender: string) =>
      new VendorTlvs(tlvs).of(sender).map(({ tag, value }) => [tag, value.toString('hex')]);
    expect(of('Other')).toEqual([
      [0x1400, '3131303100'],
      [0x2000, '0102'],
      [0x2001, 'cafe'],
    ]);
    expect(Object.fromEntries(of('TXTSMS'))).toEqual({
      [0x1400]: '3900',
      [0x1401]: '3132303700',
      [0x2000]: '0102',
      [0x2001]: 'cafe',
    });
  });

  it.each([
    [{ tag: 0, text: 'a' }],
    [{ tag: 0x1400 }],
    [{ tag: 0x1400, text: 'a', number: 1 }],
    [{ tag: 0x1400, hex: 'abc' }],
  ])('are refused as %j', (tlv) => {
    expect(() => settings({ tlvs: [tlv] })).toThrow(/tlvs/);
  });
});
