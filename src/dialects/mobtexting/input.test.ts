import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { readInput } from './input.ts';

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const read = (query: Record<string, string | string[]>, body?: string): unknown =>
  plain(readInput(query, body === undefined ? undefined : Buffer.from(body)));

describe('fields', () => {
  it.each([
    ['a=1&a=2', { a: '2' }],
    ['a[]=1&a[]=2', { a: ['1', '2'] }],
    ['a[0]=1&a[1]=2', { a: ['1', '2'] }],
    ['a[1]=1', { a: { 1: '1' } }],
    ['a[b]=1&a[c][]=2', { a: { b: '1', c: ['2'] } }],
    ['meta[tags][]=x&meta[flash]=1', { meta: { tags: ['x'], flash: '1' } }],
    ['a[b]=1&a=2', { a: '2' }],
    ['a=2&a[b]=1', { a: { b: '1' } }],
    ['a[=1&b]=2&[c]=3', { 'a[': '1', 'b]': '2', '[c]': '3' }],
    [`a${'[x]'.repeat(9)}=1`, { [`a${'[x]'.repeat(9)}`]: '1' }],
    ['a=%2B61&b=+61', { a: '+61', b: ' 61' }],
  ])('of the form %s', (form, fields) => {
    expect(read({}, form)).toEqual(fields);
  });

  it('of the body go before those of the query', () => {
    expect(read({ a: '1', b: ['2', '3'], 'c[]': '4' }, '{"a":5}')).toEqual({
      a: 5,
      b: '3',
      c: ['4'],
    });
  });

  it('mean nothing but themselves', () => {
    const input = readInput({ __proto__x: '1' }, Buffer.from('__proto__[a]=1&constructor=2'));
    expect(Object.getPrototypeOf(input)).toBeNull();
    expect(input['a']).toBeUndefined();
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
    expect(input['constructor']).toBe('2');
  });

  it('are 1200 at most, and none is passed over', () => {
    const form = (length: number) => Array.from({ length }, (_, nth) => `a${nth}=1`).join('&');
    expect(Object.keys(readInput({}, Buffer.from(form(1200))))).toHaveLength(1200);
    expect(() => readInput({}, Buffer.from(form(1201)))).toThrow('invalid_request');
    const json = (length: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length }, (_, nth) => [`a${nth}`, 1])));
    expect(Object.keys(readInput({}, Buffer.from(json(1200))))).toHaveLength(1200);
    expect(() => readInput({}, Buffer.from(json(1201)))).toThrow('invalid_json');
    const query = { 'to[]': Array.from({ length: 1201 }, String) };
    expect(() => readInput(query, undefined)).toThrow('invalid_request');
  });

  it.each(['', ' \n', '<data/>', '\ufeff{}'])('there are none in %j', (body) => {
    expect(read({}, body)).toEqual({});
  });

  it.each(['[1]', '"a"', 'null', '{"a":', 'hello', '7'])('cannot be read of %j', (body) => {
    expect(() => read({}, body)).toThrow('invalid_json');
  });

  it('cannot be read of what is no text', () => {
    expect(() => readInput({}, Buffer.from([0x61, 0x3d, 0xff]))).toThrow('invalid_json');
  });
});
