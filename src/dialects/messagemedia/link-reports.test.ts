import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World, WorldWish } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { runDialectCases } from '../testkit/run-dialect-cases.ts';
import { privateWord } from '../testkit/stage.ts';
import type { Stage, SuiteEndpoint } from '../testkit/suite.ts';
import { Client } from './testkit/client.ts';
import { suiteOf } from './testkit/suite.ts';

const shortening = { settings: { shortenUrls: true } };
const content = `Hello ${privateWord}: https://developers.sinch.com`;

/** Sends a message with a link. @returns the link's code. */
async function linked(stage: Stage, as = stage.account): Promise<string> {
  const message = { content, destination_number: '+61491570157' };
  const path = '/v1/messages';
  const sent = await stage.send({ method: 'POST', path, body: { messages: [message] } }, as);
  const [{ message_id: id } = { message_id: '' }] = (
    JSON.parse(sent.body) as { messages: { message_id: string }[] }
  ).messages;
  const shown = await stage.send({ method: 'GET', path: `${path}/${id}` }, as);
  return (JSON.parse(shown.body) as { content: string }).content.slice(-8);
}

const wrongMethods = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;
const endpoints: readonly SuiteEndpoint[] = [
  {
    name: 'GET /v1/reporting/links/summary',
    request: async () => ({ method: 'GET', path: '/v1/reporting/links/summary' }),
    wrongMethods,
    foreign: {
      request: async (stage, stranger) => {
        await linked(stage, stranger);
        return { method: 'GET', path: '/v1/reporting/links/summary' };
      },
      expect: ({ body }) => expect(body).toContain('"short_urls_generated":0,"short_urls":[]'),
    },
  },
  {
    name: 'GET /v1/reporting/links/detail',
    request: async (stage) => ({
      method: 'GET',
      path: `/v1/reporting/links/detail?hash=${await linked(stage)}`,
    }),
    wrongMethods,
    foreign: {
      request: async (stage, stranger) => ({
        method: 'GET',
        path: `/v1/reporting/links/detail?hash=${await linked(stage, stranger)}`,
      }),
      expect: ({ status, body }) =>
        expect({ status, body }).toEqual({
          status: 404,
          body: '{"message":"Data cannot be found"}',
        }),
    },
  },
];

const suite = suiteOf(endpoints, 'management');
runDialectCases({ ...suite, account: { ...suite.account, ...shortening } }, [
  {
    name: 'no links come to nothing',
    request: { method: 'GET', path: '/v1/reporting/links/summary' },
    body: {
      total_clicks: 0,
      unique_clicks: 0,
      total_views: 0,
      unique_views: 0,
      short_urls_generated: 0,
      short_urls: [],
      pagination: { page: 1, page_size: 100, total_count: 0, page_count: 0 },
    },
  },
  {
    name: 'a link needs its hash',
    request: { method: 'GET', path: '/v1/reporting/links/detail' },
    status: 400,
    body: { message: 'Bad Request', details: ['hash property value is invalid'] },
  },
  ...['../x', 'unknown2', '%00', '%0d%0a'].map((hash) => ({
    name: `there is no link ${hash}`,
    request: { method: 'GET', path: `/v1/reporting/links/detail?hash=${hash}` } as const,
    status: hash === '%00' ? 400 : 404,
  })),
  ...[
    'page=0',
    'page=-1',
    'page=x',
    'page=1.5',
    'page=99999999',
    'page=1000002&pageSize=1',
    'pageSize=0',
    'recipient=nobody',
    'url=%00',
  ].map((query) => ({
    name: `${query} is refused`,
    request: { method: 'GET', path: `/v1/reporting/links/summary?${query}` } as const,
    status: 400,
    body: {
      message: 'Bad Request',
      details: [`${query.split('=')[0]} property value is invalid`],
    },
  })),
]);

describe('links of messages', () => {
  let world: World;
  let client: Client;
  beforeEach(() => begin({}));
  afterEach(() => world.close());

  async function begin(wish: WorldWish): Promise<void> {
    world = await createWorld({
      shortLinks: {
        base: () => 'https://nxt.to/',
        keepAddresses: true,
        keepUserAgents: true,
        ...wish.shortLinks,
      },
    });
    const senders = [{ address: '+61491570150', kind: 'dedicated' }] as const;
    client = new Client(
      world,
      await world.account({ dialect: 'messagemedia', senders, ...shortening }),
    );
  }

  /** Somebody, or a program, follows the n-th newest link. */
  async function followed(nth: number, userAgent: string): Promise<void> {
    const { short_urls: links } = await summary('');
    const code = links[nth]?.short_url.slice(-8);
    const answer = await world.inject({ url: `/s/${code}`, headers: { 'user-agent': userAgent } });
    expect(answer.statusCode).toBe(302);
    await world.gateway.shortLinks.writeVisits();
  }

  interface Summary {
    short_urls_generated: number;
    short_urls: { short_url: string; destination_number: string; message_id: string }[];
    pagination: Record<string, unknown>;
  }

  async function summary(query: string): Promise<Summary & Record<string, unknown>> {
    const { status, json, body } = await client.get(`/v1/reporting/links/summary?${query}`);
    if (status !== 200) throw new Error(body);
    return json as unknown as Summary & Record<string, unknown>;
  }

  it('are as the vendor’s examples have them', async () => {
    const [row] = await client.sent({ content, destination_number: '+61491570157' });
    expect(row?.['content']).toBe(content);
    await followed(0, 'Mozilla/5.0 (Windows NT');
    await world.clock.advance(1_000);
    for (let at = 0; at < 2; at++) await followed(0, 'Mozilla/5.0 (Windows NT');
    for (let at = 0; at < 2; at++) await followed(0, 'WhatsApp/2');

    const { body } = await client.get('/v1/reporting/links/summary');
    const { short_urls: shown } = await summary('');
    const shortUrl = shown[0]?.short_url;
    expect(shortUrl).toMatch(/^https:\/\/nxt\.to\/\w{8}$/);
    const link = {
      message_id: row?.message_id,
      long_url: 'https://developers.sinch.com',
      short_url: shortUrl,
      destination_number: '+61491570157',
    };
    const counts = { click_count: 3, view_count: 2 };
    expect(body).toBe(
      JSON.stringify({
        total_clicks: 3,
        unique_clicks: 1,
        total_views: 2,
        unique_views: 1,
        short_urls_generated: 1,
        short_urls: [{ ...counts, ...link }],
        pagination: { page: 1, page_size: 100, total_count: 1, page_count: 1 },
      }),
    );
    const detail = await client.get(`/v1/reporting/links/detail?hash=${shortUrl?.slice(-8)}`);
    const visit = (dt: string, user_agent: string) => ({ dt, user_agent, ip: '127.0.0.1' });
    const [first, second] = ['2026-03-01T00:00:00.000000', '2026-03-01T00:00:01.000000'] as const;
    const browser = 'Mozilla/5.0 (Windows NT';
    expect(detail.body).toBe(
      JSON.stringify({
        ...link,
        ...counts,
        clicks: [visit(second, browser), visit(second, browser), visit(first, browser)],
        views: [visit(second, 'WhatsApp/2'), visit(second, 'WhatsApp/2')],
        pagination: { page: 1, page_size: 100, total_count: 5, page_count: 1 },
      }),
    );
  });

  it('say nothing of visitors where the owner keeps nothing', async () => {
    await world.close();
    await begin({ shortLinks: { keepAddresses: false, keepUserAgents: false } });
    await client.sent({ content });
    await followed(0, 'Mozilla/5.0');
    const { short_urls: shown } = await summary('');
    const hash = shown[0]?.short_url.slice(-8);
    const { json } = await client.get(`/v1/reporting/links/detail?hash=${hash}`);
    expect(json['clicks']).toEqual([{ dt: '2026-03-01T00:00:00.000000', user_agent: '', ip: '' }]);
  });

  it('are found by metadata, URL and recipient, all of them together', async () => {
    const spring = { metadata: { campaign: 'spring', shop: '7' } };
    const autumn = { metadata: { campaign: 'autumn' } };
    const url = 'https://shop.example/?a=1&b=2';
    await client.sent(
      { ...spring, content: `See ${url}`, destination_number: '+61491570156' },
      { ...spring, content: `See ${url}`, destination_number: '+61491570157' },
      { ...autumn, content: `See ${url} and https://other.example` },
      { content: 'See nothing' },
    );
    const found = async (query: string) => (await summary(query)).short_urls_generated;
    expect(await found('')).toBe(4);
    expect(await found('key=campaign&value=spring')).toBe(2);
    expect(await found('key=campaign')).toBe(4);
    expect(await found('value=7')).toBe(2);
    expect(await found('key=shop&value=spring')).toBe(0);
    expect(await found(`url=${encodeURIComponent(url)}`)).toBe(3);
    expect(await found('recipient=%2B61491570157')).toBe(1);
    expect(await found('recipient=+61491570157')).toBe(1);
    expect(await found('recipient=61491570157')).toBe(1);
    expect(await found('key=campaign&value=spring&recipient=61491570156&url=')).toBe(1);
    expect(await found('key=campaign&value=autumn&url=https://other.example')).toBe(1);
  });

  it('come page by page, with where the next and the last one are', async () => {
    const numbers = Array.from({ length: 5 }, (_, at) => `+6149157015${at}`);
    for (const destination_number of numbers) {
      await client.sent({ content, destination_number, metadata: { a: 'ä&b' } });
      await world.clock.advance(1_000);
    }
    const seen: string[] = [];
    let next: unknown = '/v1/reporting/links/summary?key=a&value=%C3%A4%26b&pageSize=2.0';
    const pages: Record<string, unknown>[] = [];
    while (typeof next === 'string') {
      const { json } = await client.get(next);
      const answer = json as unknown as Summary;
      seen.push(...answer.short_urls.map((one) => one.destination_number));
      pages.push(answer.pagination);
      next = answer.pagination['next_uri'];
    }
    expect(seen).toEqual(numbers.toReversed());
    const uri = '/v1/reporting/links/summary?key=a&value=%C3%A4%26b&pageSize=2.0&page=';
    const all = { page_size: 2, total_count: 5, page_count: 3 };
    expect(pages).toEqual([
      { page: 1, ...all, next_uri: `${uri}2` },
      { page: 2, ...all, next_uri: `${uri}3`, previous_uri: `${uri}1` },
      { page: 3, ...all, previous_uri: `${uri}2` },
    ]);
    const beyond = await summary('page=9&pageSize=2');
    expect(beyond.short_urls).toEqual([]);
    expect(beyond.short_urls_generated).toBe(5);
  });

  it('are in the texts of accounts that ask for it, and of no other', async () => {
    const [row] = await client.sent({ content });
    expect((await client.message(row?.message_id ?? ''))['content']).toMatch(
      /^Hello [\w-]+: https:\/\/nxt\.to\/\w{8}$/,
    );
    const account = await world.account({ dialect: 'messagemedia' });
    const other = new Client(world, account);
    const [plain] = await other.sent({ content });
    expect((await other.message(plain?.message_id ?? ''))['content']).toBe(content);
  });
});
