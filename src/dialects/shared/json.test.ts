import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../core/errors.ts';
import { parseJson } from './json.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

describe('parseJson', () => {
  it.each([
    [undefined, undefined],
    [Buffer.alloc(0), undefined],
    [bytes('  \r\n'), undefined],
    [bytes('\ufeff{"a":1}'), { a: 1 }],
    [bytes('"é😀"'), 'é😀'],
    [bytes('null'), null],
  ])('reads %o', (body, value) => {
    expect(parseJson(body)).toEqual(value);
  });

  it.each([
    bytes('{'),
    bytes('{"secret":"text'),
    Buffer.from([0x22, 0xe9, 0x22]),
    Buffer.from([0xff, 0xfe, 0x7b, 0x00]),
  ])('refuses %o without quoting it', (body) => {
    const error = catchError(() => parseJson(body));
    expect(error).toMatchObject({ code: 'invalid_json' });
    expect(error.message).not.toContain('secret');
  });

  it('takes __proto__ for a key like any other', () => {
    const value = parseJson(bytes('{"__proto__":{"admin":true}}')) as { admin?: boolean };
    expect(value.admin).toBeUndefined();
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('reads whatever JSON.stringify writes, and throws nothing else', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseJson(bytes(text))).toEqual(JSON.parse(text));
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array(), (some) => {
        try {
          parseJson(Buffer.from(some));
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayError);
        }
      }),
    );
  });
});

function catchError(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
