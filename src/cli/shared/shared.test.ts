import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { credits, iso, span, whenExactly } from './format.ts';
import { createPaint } from './paint.ts';
import { parseCountries, parseCredits, parseSpan, parseWhen, wholeNumber } from './parse.ts';
import { columnsOf, printable, shortened } from './printable.ts';
import { Printer } from './printer.ts';
import { fields, table } from './table.ts';

const paint = createPaint({ out: { line: () => {}, note: () => {}, isTerminal: false }, env: {} });

describe('credits', () => {
  it.each([
    ['10', 10_000],
    ['2.5', 2500],
    ['+0.125', 125],
    ['-3', -3000],
    ['0', 0],
    ['-0', 0],
    ['0.1', 100],
    ['999999999.999', 999_999_999_999],
  ])('%s is read as %d', (text, amount) => expect(parseCredits(text)).toBe(amount));

  it.each(['', 'ten', '1,5', '1.2345', '1e3', '.5', '5.', '0x10', '1000000000', 'Infinity', '--1'])(
    '%j is none',
    (text) => expect(() => parseCredits(text)).toThrow(InvalidArgumentError),
  );

  it.each([
    [10_000, '10.00'],
    [2500, '2.50'],
    [125, '0.125'],
    [-3000, '-3.00'],
    [0, '0.00'],
  ])('%d is written as %s', (amount, text) => expect(credits(amount)).toBe(text));
});

describe('times', () => {
  it.each([
    ['0', 0],
    ['90s', 90_000],
    ['5m', 300_000],
    ['2H', 7_200_000],
    ['1d', 86_400_000],
  ])('%s is %d ms', (text, ms) => expect(parseSpan(text)).toBe(ms));

  it.each(['5', '-5s', '1.5h', '5 s', 's', '', '9999999s'])('%j is no time', (text) =>
    expect(() => parseSpan(text)).toThrow(InvalidArgumentError),
  );

  it.each([
    [0, '0'],
    [90_000, '90s'],
    [7_200_000, '2h'],
    [86_400_000, '1d'],
    [1500, '1500ms'],
  ])('%d ms is written as %s', (ms, text) => expect(span(ms)).toBe(text));

  it('are UTC unless they say otherwise', () => {
    expect(parseWhen('2026-03-01 09:30:00')).toBe(Date.UTC(2026, 2, 1, 9, 30));
    expect(parseWhen('2026-03-01T09:30:00+10:00')).toBe(Date.UTC(2026, 1, 28, 23, 30));
    expect(() => parseWhen('tomorrow')).toThrow(InvalidArgumentError);
    expect(whenExactly(Date.UTC(2026, 2, 1) + 7)).toBe('2026-03-01 00:00:00.007');
    expect(iso(null)).toBeNull();
  });
});

describe('other arguments', () => {
  it('are countries', () => {
    expect(parseCountries('au, NZ,au')).toEqual(['AU', 'NZ']);
    for (const text of ['', ',', 'XX', 'AU;NZ', 'Australia']) {
      expect(() => parseCountries(text), text).toThrow(InvalidArgumentError);
    }
  });

  it('are whole numbers within limits', () => {
    const read = wholeNumber(1, 500);
    expect(read('500')).toBe(500);
    for (const text of ['0', '501', '1.0', '-1', '', '1e2', ' ']) {
      expect(() => read(text), text).toThrow(InvalidArgumentError);
    }
  });
});

describe('texts of strangers', () => {
  it.each([
    ['plain', 'plain'],
    ['two\nlines\r\t', String.raw`two\nlines\r\t`],
    ['\u001b[2J\u0007', String.raw`\u{1b}[2J\u{7}`],
    ['\u009b31m', String.raw`\u{9b}31m`],
    ['\u202eoops', String.raw`\u{202e}oops`],
    ['日本 👍 é', '日本 👍 é'],
  ])('%j is shown as %s', (text, shown) => expect(printable(text)).toBe(shown));

  it.each([
    ['abc', 3],
    ['日本', 4],
    ['👍', 2],
    ['e\u0301', 1],
    ['', 0],
  ])('%j takes %d columns', (text, columns) => expect(columnsOf(text)).toBe(columns));

  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdefg', 6, 'abcde…'],
    ['日本語です', 6, '日本…'],
  ])('%j in %d columns is %s', (text, columns, shown) =>
    expect(shortened(text, columns)).toBe(shown),
  );
});

describe('tables', () => {
  it('are aligned by what is seen, without spaces at the end', () => {
    const rows = [
      { name: '日本', amount: 7 as number | null, note: null },
      { name: 'a', amount: null, note: 'x' },
    ];
    expect(
      table(
        rows,
        [
          { title: 'NAME', of: ({ name }) => name },
          { title: 'AMOUNT', of: ({ amount }) => amount, align: 'right' },
          { title: 'NOTE', of: ({ note }) => note },
        ],
        paint,
      ),
    ).toEqual(['NAME  AMOUNT  NOTE', '日本       7  -', 'a          -  x']);
  });

  it('of names leave out what is undefined', () => {
    expect(
      fields(
        [
          ['long name', 0],
          ['b', null],
          ['c', undefined],
        ],
        paint,
      ),
    ).toEqual(['long name  0', 'b          -']);
  });
});

describe('results for programs', () => {
  it('are one document that steers no terminal, without remarks', () => {
    const printed: string[] = [];
    const out = {
      line: (text: string) => printed.push(text),
      note: (text: string) => printed.push(text),
    };
    const print = new Printer({ out: { ...out, isTerminal: true }, env: {} }, true);
    print.result({ text: 'a\u009b31m\u001b[0m' }, () => ['for people']);
    print.remark('for people, too');
    expect(printed).toEqual([
      String.raw`{
  "text": "a\u009b31m\u001b[0m"
}`,
    ]);
    expect(JSON.parse(printed[0] ?? '')).toEqual({ text: 'a\u009b31m\u001b[0m' });
  });
});
