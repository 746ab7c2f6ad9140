import { describe, expect, it } from 'vitest';
import type { Body } from './fields.ts';
import { readFields } from './fields.ts';
import { readMultipart } from '../shared/multipart.ts';

const bytes = (text: string): Buffer => Buffer.from(text);
const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const latin1Of = (text: string): string => bytes(text).toString('latin1');
const bodyOf = (body: string | Buffer, charset: string | null = null): Body => ({
  bytes: typeof body === 'string' ? bytes(body) : body,
  charset,
});
const queryOf = (query: Record<string, string | string[]>): string =>
  new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => [value].flat().map((one) => [name, one])),
  ).toString();

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
    expect(readFields(queryOf(query), body === undefined ? undefined : bodyOf(body)).get('a')).toBe(
      expected,
    );
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
    expect(readFields(queryOf({ recipients: written }), undefined).number('recipients')).toBe(
      number,
    );
  });

  it.each(['[]', '[1]', '{"a":{}}', '{"a":[1]}', '{'])('are not in %s', (body) => {
    expect(() => readFields('', bodyOf(body))).toThrow();
  });

  it('are text in UTF-8 where nothing else is said', () => {
    expect(() => readFields('', bodyOf(latin('a=é')))).toThrow('UTF-8');
    expect(() => readFields('', bodyOf(latin('a=é'), 'utf-8'))).toThrow('UTF-8');
    expect(() => readFields('', bodyOf(latin('a=é'), 'windows-1251'))).toThrow('UTF-8');
    expect(() => readFields('', bodyOf(latin('{"a":"é"}'), 'latin1'))).toThrow();
  });

  it.each<[string, string, Body | undefined]>([
    ['in UTF-8', 'a=caf%C3%A9+%E2%82%AC', undefined],
    ['in bytes of UTF-8', latin1Of('a=café €'), undefined],
    ['in windows-1252', 'a=caf%e9%20%80', undefined],
    ['in bytes of windows-1252', 'a=caf\u00e9 \u0080', undefined],
    ['in a form, in UTF-8', '', bodyOf('a=caf%c3%a9 €')],
    ['in a form, in windows-1252', '', bodyOf('a=caf%E9+%80')],
    ['in a form that says so', '', bodyOf(latin('a=caf\u00e9 \u0080'), 'ISO-8859-1')],
    ['in a form that says so and is not', '', bodyOf('a=café €', 'ISO-8859-1')],
  ])('may be %s', (_name, query, body) => {
    expect(readFields(query, body).get('a')).toBe('café €');
  });

  it('stay as they are where a percent sign is no escape', () => {
    expect(readFields('a=100%&b=%zz%4', undefined).get('b')).toBe('%zz%4');
    expect(readFields('a=1=2&&=x&c', undefined).raw('a')).toBe('1=2');
    expect(readFields('c', undefined).raw('c')).toBe('');
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
    expect(readMultipart(bytes(body), null)).toEqual([
      ['message', 'Grüße\r\n--x is no boundary'],
      ['alias', ''],
    ]);
  });

  it('is none without a boundary, and wrong without an end', () => {
    expect(readMultipart(bytes('--x=1&a=2'), null)).toBeUndefined();
    expect(readMultipart(bytes('a=1'), null)).toBeUndefined();
    expect(() => readMultipart(bytes(`${part(named('a'), '1')}--x\r\n`), null)).toThrow(
      'does not end',
    );
  });
});
