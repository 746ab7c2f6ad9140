import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packSeptets, unpackSeptets } from './septets.ts';

const hex = (octets: Buffer) => octets.toString('hex');

describe('packed septets', () => {
  it.each([
    ['hellohello', 0, 'e8329bfd4697d9ec37'], // the example every SMS tutorial has
    ['1234567', 0, '31d98c56b3dd00'],
    ['12345678', 0, '31d98c56b3dd70'],
    ['A', 6, '82'], // one fill bit behind a header of six octets
    ['', 0, ''],
  ])('%j behind %i octets is %s', (text, header, packed) => {
    const septets = Buffer.from(text, 'latin1');
    expect(hex(packSeptets(septets, header))).toBe(packed);
    expect(unpackSeptets(Buffer.from(packed, 'hex'), header).toString('latin1')).toBe(text);
  });

  it('come back, whatever they are and whatever header they stand behind', () => {
    const septets = fc.array(fc.integer({ min: 0, max: 0x7f }), { maxLength: 160 });
    fc.assert(
      fc.property(septets, fc.integer({ min: 0, max: 14 }), (list, header) => {
        // A zero at the end is padding where it may be.
        fc.pre(list.at(-1) !== 0);
        const given = Buffer.from(list);
        expect(unpackSeptets(packSeptets(given, header), header)).toEqual(given);
      }),
    );
  });
});
