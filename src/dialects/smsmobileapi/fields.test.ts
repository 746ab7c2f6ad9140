import { describe, expect, it } from 'vitest';
import { readFields } from './fields.ts';
import { readMultipart } from './multipart.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

describe('the parameters of a request', () => {
  it.each<[string, Record<string, string | string[]>, string | undefined, string | undefined]>([
    ['of the query', { a: 'q' }, undefined, 'q'],
    ['of several the last', { a: ['1', '2'] }, undefined, '2'],
    ['of a form', {}, 'a=f&b=x', 'f'],
    ['of a form before the query', { a: 'q' }, 'a=f', 'f'],
    ['of JSON', {}, ' {"a":"j"}', 'j'],
    ['of JSON after a byte order mark', {}, '\ufeff{"a":"j"}', 'j'],
    ['of a form whose text looks like a boundary', {}, '--x=1&a=f', 'f'],
    ['without the spaces around it', {}, 'a=+f+', 'f'],
    ['none where it is empty', { a: '' }, undefined, undefined],
  ])('%s', (_name, query, body, expected) => {
    expect(readFields(query, body === undefined ? undefined : bytes(body)).get('a')).toBe(expected);
  });

  it.each([
    ['+15551234567', '+15551234567'],
    [' 15551234567', '+15551234567'],
    ['  15551234567 ', '+15551234567'],
    ['15551234567', '15551234567'],
    [' +15551234567', '+15551234567'],
    [' CompanyABC', 'CompanyABC'],
    [' ', undefined],
  ])('a number written %j is %j', (written, number) => {
    expect(readFields({ recipients: written }, undefined).number('recipients')).toBe(number);
  });

  it.each(['[]', '[1]', '{"a":{}}', '{"a":[1]}', '{'])('are not in %s', (body) => {
    expect(() => readFields({}, bytes(body))).toThrow();
  });

  it('are text in UTF-8', () => {
    expect(() => readFields({}, Buffer.from([0x61, 0x3d, 0xff]))).toThrow('UTF-8');
  });
});

describe('a form in parts', () => {
  const part = (header: string, value: string): string => `--x\r\n${header}\r\n\r\n${value}\r\n`;
  const named = (name: string): string => `Content-Disposition: form-data; name="${name}"`;

  it('has its texts, to the last line break, and no files', () => {
    const body = [
      part(named('message'), 'Grüße\r\n--x is no boundary'),
      part(`${named('file')}; filename="a.txt"`, 'not this'),
      part(`Content-Type: text/plain\r\n${named('alias')}`, ''),
      '--x--\r\n',
    ].join('');
    expect(readMultipart(bytes(body))).toEqual([
      ['message', 'Grüße\r\n--x is no boundary'],
      ['alias', ''],
    ]);
  });

  it('is none without a boundary, and wrong without an end', () => {
    expect(readMultipart(bytes('--x=1&a=2'))).toBeUndefined();
    expect(readMultipart(bytes('a=1'))).toBeUndefined();
    expect(() => readMultipart(bytes(`${part(named('a'), '1')}--x\r\n`))).toThrow('does not end');
  });
});
