import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { E164 } from '../../text/phone-number.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import type { Row } from './testkit/client.ts';
import { Client } from './testkit/client.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld({ clock: new FakeClock('2024-09-30T14:35:00Z') });
});
afterEach(() => world.close());

const clientOf = async (edition: '2024' | '2026'): Promise<Client> =>
  new Client(world, await world.account({ settings: { edition } }));
const empty = '{"status":"complete","results":[]}';
const refs = (rows: readonly Row[]): unknown[] => rows.map(({ custom_ref }) => custom_ref);

describe('GET /v1/messages', () => {
  it('answers the sample of the seed, by id and by reference', async () => {
    const client = await clientOf('2024');
    const message = { message: 'Hello, this is message 1', custom_ref: 'tracking001' };
    const [sent] = (await client.send([message])).rows;
    const id = sent?.message_id ?? '';
    const sample = readFixture(import.meta.url, 'lookup.response.json');
    const put = { 'abcd1234-efgh-5678-ijkl-9876543210mn': id };
    for (const query of [
      `message_id=${id}`,
      `message_id=${id.toUpperCase()}`,
      'custom_ref=tracking001',
      'custom_ref=tracking%25',
      'custom_ref=%25001',
      'custom_ref=track%',
      `message_id=${id}&custom_ref=%25king%25`,
    ]) {
      expectSample((await client.get(`/v1/messages?${query}`)).body, sample, put);
    }
    expectSample((await client.get('/v1/messages')).body, sample, put);
  });

  it.each([
    'message_id=019ca6b1-dc00-7000-8000-00000000ffff',
    'message_id=abcd1234-efgh-5678-ijkl-9876543210mn',
    'message_id=',
    'message_id=%00',
    `message_id=${'a'.repeat(3000)}`,
    'custom_ref=other',
    'custom_ref=TRACKING001',
    'custom_ref=tracking',
    'custom_ref=t_acking001',
    'custom_ref=',
  ])('finds nothing for %s', async (query) => {
    const client = await clientOf('2024');
    await client.send([{ custom_ref: 'tracking001' }]);
    expect(await client.get(`/v1/messages?${query}`)).toMatchObject({ status: 200, body: empty });
  });

  it('finds nothing for an id and a reference that are not of one message', async () => {
    const client = await clientOf('2024');
    const { rows } = await client.send([{ custom_ref: 'a' }, { custom_ref: 'b' }, {}]);
    for (const row of rows) {
      const answer = await client.get(`/v1/messages?message_id=${row.message_id}&custom_ref=c`);
      expect(answer.body).toBe(empty);
    }
    const [, , last] = rows;
    const answer = await client.get(`/v1/messages?message_id=${last?.message_id}&custom_ref=%25`);
    expect(answer.body).toBe(empty);
  });

  it('knows no pages in edition 2024, and passes over what asks for one', async () => {
    const client = await clientOf('2024');
    await client.send([{ custom_ref: 'a' }]);
    await client.send([{ custom_ref: 'b' }]);
    for (const query of ['limit=1', 'limit=none&offset=5']) {
      expect(refs((await client.get(`/v1/messages?${query}`)).rows)).toEqual(['b', 'a']);
    }
  });

  it('gives pages, newest first', async () => {
    const client = await clientOf('2026');
    const all = Array.from({ length: 12 }, (_, index) => `ref-${index}`);
    for (const custom_ref of all) await client.send([{ custom_ref }]);
    const newestFirst = all.toReversed();
    expect(refs((await client.get('/v1/messages')).rows)).toEqual(newestFirst);
    expect(refs((await client.get('/v1/messages?limit=5&offset=10')).rows)).toEqual(
      newestFirst.slice(10),
    );
    const page = await client.get('/v1/messages?custom_ref=ref-%25&limit=3&offset=1');
    expect(refs(page.rows)).toEqual(newestFirst.slice(1, 4));
    expect((await client.get('/v1/messages?limit=none')).status).toBe(400);
  });

  it('never gives more than 1000', async () => {
    const client = await clientOf('2026');
    const many = Array.from({ length: 1001 }, () => ({ to: '0412345678' }));
    await world.gateway.owner.topUp(client.account.account.id, 1_000_000 as never, null);
    await client.send(many);
    expect((await client.get('/v1/messages')).rows).toHaveLength(1000);
    expect((await client.get('/v1/messages?limit=5000')).rows).toHaveLength(1000);
  });

  it('leaves out a reference that was not given', async () => {
    const client = await clientOf('2024');
    await client.send([{}]);
    expect((await client.get('/v1/messages')).rows[0]).not.toHaveProperty('custom_ref');
  });

  it('says `success` of all that was accepted, and `blocked` of what was not, in edition 2024', async () => {
    const client = await clientOf('2024');
    await client.send([{ custom_ref: 'fails' }]);
    await waitUntil('it is sent', () => world.link.sent.length === 1);
    await world.link.receipt('failed', { at: world.clock.now() });
    await world.gateway.optOut(await client.account.caller(), '+61412345678' as E164);
    await client.send([{ custom_ref: 'blocked' }]);
    const { rows } = await client.get('/v1/messages');
    expect(rows.map(({ custom_ref, status, cost }) => [custom_ref, status, cost])).toEqual([
      ['blocked', 'blocked', 0],
      ['fails', 'success', 1],
    ]);
    expect(Object.keys(rows[0] as Row)).toEqual(Object.keys(rows[1] as Row));
  });
});

describe('GET /v1/messages, edition 2026', () => {
  it('tells what became of a message', async () => {
    const client = await clientOf('2026');
    const [sent] = (await client.send([{}])).rows;
    const look = async (): Promise<Row> =>
      (await client.get(`/v1/messages?message_id=${sent?.message_id}`)).rows[0] as Row;
    await waitUntil('it is sent', async () => (await look()).status === 'sent');
    expect(await look()).toMatchObject({ sent_at: '2024-09-30 14:35:00', encoding: 'gsm7' });
    expect(await look()).not.toHaveProperty('delivered_at');
    await world.clock.advance(5000);
    await world.link.receipt('delivered', { at: world.clock.now() });
    expect(await look()).toMatchObject({
      status: 'delivered',
      cost: 1,
      requested_at: '2024-09-30 14:35:00',
      sent_at: '2024-09-30 14:35:00',
      delivered_at: '2024-09-30 14:35:05',
    });
    expect(await look()).not.toHaveProperty('error');
  });

  it.each([
    ['failed', 'The message could not be delivered.'],
    ['expired', 'The message could not be delivered in time.'],
    ['rejected', 'The network rejected the message.'],
  ] as const)('calls failed what the network calls %s', async (status, error) => {
    const client = await clientOf('2026');
    await client.send([{}]);
    // As it is written down: a receipt that comes before the answer waits for it.
    await waitUntil('it is sent', async () => {
      const { rows } = await client.get('/v1/messages');
      return rows[0]?.status === 'sent';
    });
    await world.link.receipt(status, { at: world.clock.now() });
    expect((await client.get('/v1/messages')).rows).toMatchObject([{ status: 'failed', error }]);
  });

  it('calls failed what the link refuses, and what is not known', async () => {
    const client = await clientOf('2026');
    world.link.answers.push({ kind: 'refused', code: 'refused_by_link', detail: 'inner words' });
    world.link.answers.push({ kind: 'unknown', detail: 'inner words' });
    await client.send([{}, {}]);
    const statuses = async (): Promise<unknown[]> =>
      (await client.get('/v1/messages')).rows.map(({ status }) => status);
    await waitUntil('both ended', async () => !(await statuses()).includes('pending'));
    expect(await statuses()).toEqual(['failed', 'failed']);
    expect((await client.get('/v1/messages')).body).not.toContain('inner words');
  });

  it('says pending before a message is handed over, and scheduled before its time', async () => {
    world.link.current = 'down';
    const client = await clientOf('2026');
    await client.send([{ scheduled_for: '2024-10-01 00:00:00' } as object, {}]);
    const { rows } = await client.get('/v1/messages');
    expect(rows.map(({ status }) => status).toSorted()).toEqual(['pending', 'scheduled']);
  });
});
