import { describe, expect, it } from 'vitest';
import { looksLikeReceipt, readReceiptText } from './receipt-text.ts';

const standard =
  'id:0123456789 sub:001 dlvrd:001 submit date:2611220153 done date:2611220154 stat:DELIVRD err:000 text:Hello id:9';

describe('the text of a receipt', () => {
  it.each([
    ['the standard form', standard, '0123456789', 'DELIVRD', '000'],
    // Its own words come last and are not read (cloudhopper #105, jsmpp #62 and #40 for what follows).
    [
      'no sub and no dlvrd',
      'id:7 submit date:2611220153 done date:2611220154 stat:UNDELIV err:045',
      '7',
      'UNDELIV',
      '045',
    ],
    [
      'an err that is no number',
      'id:7 sub:001 dlvrd:000 stat:REJECTD err:A1B text:x',
      '7',
      'REJECTD',
      'A1B',
    ],
    ['another order', 'stat:EXPIRED err:1 id:abc-7', 'abc-7', 'EXPIRED', '1'],
    [
      'dates of twelve digits',
      'id:7 submit date:261122015300 done date:261122015400 stat:DELIVRD err:0',
      '7',
      'DELIVRD',
      '0',
    ],
    ['small letters', 'ID:7 Stat:delivrd Err:000 Text:id:8', '7', 'DELIVRD', '000'],
    ['a state of its own', 'id:7 stat:FAILED err:001', '7', 'FAILED', '001'],
    ['spaces behind the colons', 'id: 7 stat: DELIVRD err: 000', '7', 'DELIVRD', '000'],
    ['an id only', 'id:7', '7', null, null],
    ['line ends between the fields', 'id:7\r\nstat:DELIVRD\r\nerr:000', '7', 'DELIVRD', '000'],
  ])('in %s', (_, text, id, stat, err) => {
    expect(readReceiptText(text)).toEqual({ id, stat, err });
  });

  it.each([
    ['nothing', ''],
    ['a text', 'Yes please, call me'],
    ['an empty id', 'id: stat:DELIVRD'],
    ['an id in the message only', 'sub:001 text:id:7'],
    ['a word that ends with id', 'paid:7'],
  ])('is not found in %s', (_, text) => {
    const read = readReceiptText(text);
    expect(read === undefined || read.id !== '7').toBe(true);
  });

  it('is told from what a handset writes', () => {
    expect(looksLikeReceipt(standard)).toBe(true);
    expect(looksLikeReceipt('My id: 7, thanks')).toBe(false);
  });

  it('is read in time, whatever it is', () => {
    const begun = performance.now();
    readReceiptText('id '.repeat(40_000));
    readReceiptText(`${'id'.repeat(30_000)}:`);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});
