import { describe, expect, it } from 'vitest';
import { readPage } from './page.ts';

const limits = { usual: 100, most: 1000 };

describe('readPage', () => {
  it.each([
    [{}, { limit: 100, offset: 0 }],
    [
      { limit: '', offset: '' },
      { limit: 100, offset: 0 },
    ],
    [
      { limit: '7', offset: '30' },
      { limit: 7, offset: 30 },
    ],
    [{ limit: '10000' }, { limit: 1000, offset: 0 }],
    [{ limit: ['1', '2'] }, { limit: 2, offset: 0 }],
  ])('reads %j', (query, page) => {
    expect(readPage(query, limits)).toEqual(page);
  });

  it.each([
    { limit: '0' },
    { limit: '-1' },
    { limit: '1.5' },
    { limit: 'all' },
    { limit: '1e3' },
    { limit: '99999999999' },
    { offset: '-1' },
    { offset: '1000001' },
    { offset: ' 1' },
  ])('refuses %j', (query) => {
    expect(() => readPage(query, limits)).toThrow(/must be/);
  });
});
