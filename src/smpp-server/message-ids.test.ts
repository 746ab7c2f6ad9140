import { describe, expect, it } from 'vitest';
import type { MessageId } from '../core/ids.ts';
import type { Named } from './message-ids.ts';
import { idAt, idForms, instantOf, readId, writeId } from './message-ids.ts';

const id = '019a2b3c-4d5e-7f60-8123-456789abcdef' as MessageId;
const ofMulti = '019a2b3c-4d5e-7f60-8123-456700abcdef' as MessageId;
const first = '00000000-0001-7000-8000-000000000000' as MessageId;

describe('message ids', () => {
  it.each<[Named, string, string]>([
    [
      { kind: 'message', id },
      '019a2b3c4d5e7f608123456789abcdef',
      '2129718633246573509409447360783437295',
    ],
    [
      { kind: 'piece', id, number: 3 },
      '019a2b3c4d5e7f608123456789abcdef0103',
      String(BigInt('0x019a2b3c4d5e7f608123456789abcdef0103')),
    ],
    [
      { kind: 'multi', id: ofMulti, count: 254 },
      '019a2b3c4d5e7f608123456700abcdef02fe',
      String(BigInt('0x019a2b3c4d5e7f608123456700abcdef02fe')),
    ],
  ])('%o are written and read in both forms', (named, hex, decimal) => {
    expect(writeId(named, 'hex')).toBe(hex);
    expect(writeId(named, 'decimal')).toBe(decimal);
    for (const form of idForms) expect(readId(writeId(named, form))).toEqual(named);
    expect(readId(hex.toUpperCase())).toEqual(named);
    expect(decimal.length).toBeLessThanOrEqual(64);
  });

  it.each([
    '',
    '1',
    'x'.repeat(32),
    '0'.repeat(40),
    '9'.repeat(44),
    '9'.repeat(64),
    `${'0'.repeat(32)}0301`,
    // Piece 0; none, and more than there can be, of a submit_multi; one that is not its first.
    '019a2b3c4d5e7f608123456700abcdef0100',
    '019a2b3c4d5e7f608123456700abcdef0200',
    '019a2b3c4d5e7f608123456700abcdef02ff',
    '019a2b3c4d5e7f608123456789abcdef0202',
  ])('%j is none', (text) => {
    expect(readId(text)).toBeUndefined();
  });

  it('of one submit_multi differ in an octet that is random otherwise', () => {
    expect(idAt(id, 0)).toBe('019a2b3c-4d5e-7f60-8123-456700abcdef');
    expect(idAt(idAt(id, 0), 254)).toBe('019a2b3c-4d5e-7f60-8123-4567feabcdef');
  });

  it('say when they were made', () => {
    expect(instantOf(first)).toBe(1);
    expect(new Date(instantOf(id)).getUTCFullYear()).toBe(2025);
  });
});
