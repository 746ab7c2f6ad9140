import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { smsgate } from './index.ts';
import type { Shown } from './testkit/client.ts';
import { Client } from './testkit/client.ts';

let world: World;
let client: Client;
beforeEach(async () => {
  world = await createWorld({ dialects: [smsgate] });
  client = new Client(world, await world.account({ dialect: 'smsgate' }));
});
afterEach(() => world.close());

const at = (): string => new Date(world.clock.now()).toISOString();
const [one, two] = ['+61491570156', '+61491570157'];

/** The message that was sent last has left, as far as its state says. */
async function left({ id }: Shown): Promise<void> {
  await waitUntil('it is sent', async () => (await client.message(id)).state === 'Sent');
}

describe('a state', () => {
  it('tells when each step was taken', async () => {
    const accepted = at();
    world.link.current = 'down';
    const sent = await client.sent();
    await world.clock.advance(60_000);
    world.link.current = 'up';
    await world.clock.advance(60_000);
    await left(sent);
    const leftAt = (await client.message(sent.id)).states['Sent'];
    expect(Date.parse(leftAt ?? '')).toBeGreaterThan(Date.parse(accepted));
    await world.clock.advance(5_000);
    const delivered = at();
    await world.link.receipt('delivered', { at: world.clock.now() });
    expect(await client.message(sent.id)).toEqual({
      ...sent,
      state: 'Delivered',
      recipients: [{ phoneNumber: one, state: 'Delivered' }],
      states: { Pending: accepted, Processed: leftAt, Sent: leftAt, Delivered: delivered },
    });
  });

  it.each([
    ['failed', 'undeliverable'],
    ['expired', 'TTL expired'],
    ['rejected', 'rejected by network'],
  ] as const)('of one that is %s says why', async (status, error) => {
    const sent = await client.sent();
    await left(sent);
    await world.link.receipt(status, { at: world.clock.now() });
    const { state, recipients, states } = await client.message(sent.id);
    expect({ state, recipients }).toEqual({
      state: 'Failed',
      recipients: [{ phoneNumber: one, state: 'Failed', error }],
    });
    expect(Object.keys(states)).toEqual(['Pending', 'Processed', 'Sent', 'Failed']);
  });

  it('is that of the recipient that is the least far', async () => {
    const { id } = await client.sent({ phoneNumbers: [one, two] });
    await waitUntil('both are sent', () => world.link.sent.length === 2);
    const part = (to: string) => world.link.sent.find(({ destination }) => destination === to);
    const now = world.clock.now();
    await left({ id } as Shown);
    await world.link.receipt('delivered', { part: part(one), at: now });
    expect(await client.message(id)).toMatchObject({
      state: 'Sent',
      recipients: [{ state: 'Delivered' }, { state: 'Sent' }],
    });
    await world.link.receipt('failed', { part: part(two), at: now });
    expect((await client.message(id)).state).toBe('Sent');
  });

  it('is not found by the id of another message, channel or account', async () => {
    const { status, json } = await client.get('/messages/nothing');
    expect({ status, json }).toEqual({ status: 404, json: { message: 'message not found' } });
    const limits = { alphabet: 'any', characters: 100, parts: 1 } as const;
    const message = { to: one, text: 'x', sender: 'CompanyABC', clientRef: 'mine', limits };
    const caller = await client.account.caller();
    await world.gateway.submit({ caller, messages: [message] });
    expect((await client.get('/messages/mine')).status).toBe(404);
    expect((await client.get('/messages/%00')).status).toBe(404);
    expect(await client.list()).toEqual([]);
  });
});

describe('a list', () => {
  const send = async (ids: readonly string[], more: object = {}): Promise<void> => {
    for (const id of ids) {
      await client.sent({ id, ...more });
      await world.clock.advance(1_000);
    }
  };
  const idsOf = async (query: string): Promise<string[]> =>
    (await client.list(query)).map(({ id }) => id);

  it('has the newest first, or the oldest, page by page, and says how many there are', async () => {
    await send(['a', 'b', 'c'], { phoneNumbers: [one, two] });
    await send(['d', 'e']);
    expect(await idsOf('')).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect(await idsOf('?sort=-created_at&limit=2')).toEqual(['e', 'd']);
    expect(await idsOf('?sort=created_at')).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await idsOf('?limit=2&offset=3')).toEqual(['b', 'a']);
    expect(await idsOf('?offset=5')).toEqual([]);
    const { headers, json } = await client.get('/messages?limit=1&offset=2');
    expect(headers['x-total-count']).toBe('5');
    const shown = json as unknown as Shown[];
    expect(shown[0]?.recipients).toHaveLength(2);
  });

  it('has fifty where nothing is said, and every page its own', async () => {
    const all = Array.from({ length: 120 }, (_, nth) => `id ${nth}`);
    expect(await client.list()).toEqual([]);
    await Promise.all(all.map((id) => client.sent({ id })));
    expect(await client.list()).toHaveLength(50);
    const pages = [await idsOf('?limit=100'), await idsOf('?limit=100&offset=100')];
    expect(pages.map((page) => page.length)).toEqual([100, 20]);
    expect(new Set(pages.flat())).toEqual(new Set(all));
  });

  it('has the texts where they are asked for', async () => {
    await client.sent({ textMessage: { text: 'Grüße' } });
    expect((await client.list())[0]).not.toHaveProperty('textMessage');
    expect((await client.list('?includeContent=true'))[0]?.textMessage).toEqual({ text: 'Grüße' });
    expect((await client.list('?includeContent=0'))[0]).not.toHaveProperty('textMessage');
  });

  it('has those of a span of time', async () => {
    const from = at();
    await send(['a', 'b', 'c']);
    const later = (seconds: number): string =>
      new Date(Date.parse(from) + seconds * 1000).toISOString();
    expect(await idsOf(`?from=${from}&to=${later(2)}`)).toEqual(['b', 'a']);
    expect(await idsOf(`?from=${later(2)}`)).toEqual(['c']);
    expect(await idsOf(`?to=${later(0)}`)).toEqual([]);
    const offset = later(36_001).replace('Z', '+10:00');
    expect(await idsOf(`?from=${encodeURIComponent(offset)}`)).toEqual(['c', 'b']);
    // As many a client writes it.
    expect(await idsOf(`?from=${offset}`)).toEqual(['c', 'b']);
  });

  it('has those in a state', async () => {
    await send(['a', 'b'], { phoneNumbers: [one, two] });
    await waitUntil('all are sent', async () => (await idsOf('?state=Sent')).length === 2);
    for (const part of world.link.sent) {
      const ofB = world.link.sent.indexOf(part) >= 2;
      if (ofB) await world.link.receipt('delivered', { part, at: world.clock.now() });
    }
    await client.sent({ id: 'c', scheduleAt: '2026-12-01T00:00:00Z' });
    expect(await idsOf('?state=Sent')).toEqual(['a']);
    expect(await idsOf('?state=Delivered')).toEqual(['b']);
    expect(await idsOf('?state=Pending')).toEqual(['c']);
    expect(await idsOf('?state=Failed')).toEqual([]);
    expect((await client.get('/messages?state=Sent')).headers['x-total-count']).toBe('1');
    expect(await idsOf('?deviceId=PyDmBQZZXYmyxMwED8Fzy')).toEqual([]);
  });

  it.each([
    ['limit=0', 'limit must be a whole number from 1 to 100.'],
    ['limit=101', 'limit must be a whole number from 1 to 100.'],
    ['limit=x', 'limit must be a whole number from 1 to 100.'],
    ['offset=-1', 'offset must be a whole number from 0 to 1000000.'],
    ['state=sent', /^state must be one of Pending, Cancelling/],
    ['sort=id', 'sort must be one of created_at, -created_at.'],
    ['from=yesterday', /^from must be an instant/],
    ['from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z', 'from must be before to.'],
    ['includeContent=2', 'includeContent must be true or false.'],
  ])('refuses %s', async (query, words) => {
    const { status, json } = await client.get(`/messages?${query}`);
    const message = typeof words === 'string' ? words : (expect.stringMatching(words) as string);
    expect({ status, json }).toEqual({ status: 400, json: { message } });
  });
});
