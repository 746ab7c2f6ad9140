import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureText } from '../../text/parts.ts';
import { smppSettings } from './settings.ts';
import { dataCodingOf, formOf, splitForWire, writeText } from './wire-parts.ts';

const settings = (more: Record<string, unknown> = {}) =>
  smppSettings.parse({ host: 'smsc.example', systemId: 'me', ...more });

/** The data_coding of a text and its octets, as they leave. */
function wire(text: string, more: Record<string, unknown> = {}): [number, string] {
  const link = settings(more);
  const form = formOf(text, measureText(text).encoding, link);
  return [dataCodingOf(form, link.flash), writeText(text, form, 0).toString('hex')];
}

describe('a text for a carrier', () => {
  it.each([
    ['a€', {}, 0, '611b65'],
    ['漢', {}, 8, '6f22'],
    ['hellohello', { alphabet: 'gsm7-packed' }, 0, 'e8329bfd4697d9ec37'],
    ['é', { alphabet: 'latin1' }, 0, 'e9'],
    ['é', { alphabet: 'latin1-as-3' }, 3, 'e9'],
    // Latin-1 has no euro; and small ç is in Latin-1, but in no handset's GSM alphabet.
    ['é€', { alphabet: 'latin1-as-3' }, 8, '00e920ac'],
    ['ç', { alphabet: 'latin1-as-3' }, 8, '00e7'],
    ['abc', { alphabet: 'ascii-as-1' }, 1, '616263'],
    ['£', { alphabet: 'ascii-as-1' }, 8, '00a3'],
    ['Hi', { flash: true }, 0x10, '4869'],
    ['漢', { flash: true }, 0x18, '6f22'],
    ['é', { flash: true, alphabet: 'latin1-as-3' }, 3, 'e9'],
  ])('%j with %j', (text, more, dataCoding, octets) => {
    expect(wire(text, more)).toEqual([dataCoding, octets]);
  });

  it.each([
    ['udh8', 'a'.repeat(160), [160]],
    ['udh8', 'a'.repeat(161), [153, 8]],
    ['udh16', 'a'.repeat(161), [152, 9]],
    ['udh16', '漢'.repeat(71), [66, 5]],
    ['udh8', '漢'.repeat(71), [67, 4]],
    ['sar', 'a'.repeat(161), [153, 8]],
    ['payload', 'a'.repeat(1_000), [1_000]],
  ])('falls into parts by %s', (longMessages, text, lengths) => {
    const parts = splitForWire(text, measureText(text).encoding, settings({ longMessages }));
    expect(parts.map((part) => part.length)).toEqual(lengths);
  });

  it('never parts an escape or a surrogate pair, and loses nothing', () => {
    const unit = fc.constantFrom('a', '€', '{', '漢', '😀', 'é');
    const alphabets = fc.constantFrom('gsm7', 'gsm7-packed', 'latin1', 'ascii-as-1');
    const ways = fc.constantFrom('udh8', 'udh16', 'sar', 'payload');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 400 }), alphabets, ways, (text, alphabet, way) => {
        const link = settings({ alphabet, longMessages: way });
        const { encoding } = measureText(text);
        const form = formOf(text, encoding, link);
        const parts = splitForWire(text, encoding, link);
        expect(parts.join('')).toBe(text);
        for (const part of parts) expect(part.isWellFormed()).toBe(true);
        if (way === 'payload' || parts.length === 1) return;
        const header = way === 'udh16' ? 7 : 6;
        for (const part of parts) {
          const octets = writeText(part, form, header).length;
          const unpacked = form.alphabet === 'gsm7' && !form.packed;
          expect(unpacked ? Math.ceil((octets * 7) / 8) : octets).toBeLessThanOrEqual(153);
        }
      }),
    );
  });
});
