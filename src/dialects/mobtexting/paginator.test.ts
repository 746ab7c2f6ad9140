import { expect, it } from 'vitest';
import { oldPaginator, pageOf, paged, paginator } from './paginator.ts';

const url = 'https://sms.example/list';
const query = '';
const labels = (page: number, pages: number): string => {
  const at = pageOf({ input: { page } }, 10);
  const all = Array.from({ length: pages * 10 }, (_, nth) => nth);
  const { meta } = paginator(paged(all, at), at, { url, query });
  return meta.links.map(({ label, active }) => (active ? `*${label}*` : label)).join(' ');
};

it.each([
  [1, 1, '*1*'],
  [2, 3, '1 *2* 3'],
  [1, 13, '*1* 2 3 4 5 6 7 8 9 10 11 12 13'],
  [1, 20, '*1* 2 3 4 5 6 7 8 9 10 ... 19 20'],
  [7, 20, '1 2 3 4 5 6 *7* 8 9 10 ... 19 20'],
  [10, 20, '1 2 ... 7 8 9 *10* 11 12 13 ... 19 20'],
  [20, 20, '1 2 ... 11 12 13 14 15 16 17 18 19 *20*'],
])('page %d of %d', (page, pages, numbers) => {
  expect(labels(page, pages)).toBe(`&laquo; Previous ${numbers} Next &raquo;`);
});

it('of nothing has one page without rows', () => {
  const at = pageOf({ input: {} });
  expect(paginator({ rows: [], total: 0 }, at, { url, query })).toMatchObject({
    links: { first: `${url}?page=1`, last: `${url}?page=1`, prev: null, next: null },
    meta: { current_page: 1, from: null, to: null, last_page: 1, per_page: 15, total: 0 },
  });
});

it('leads to pages of the same list', () => {
  const at = pageOf({ input: { page: 2 } });
  const call = { url, query: 'filter%5Btype%5D=tag' };
  const to = (page: number): string => `${url}?filter%5Btype%5D=tag&page=${page}`;
  expect(paginator({ rows: [1], total: 40 }, at, call)).toMatchObject({
    links: { first: to(1), last: to(3), prev: to(1), next: to(3) },
    meta: { path: url },
  });
  expect(oldPaginator({ rows: [{}], total: 40 }, at, call).next_page_url).toBe(to(3));
});
