import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { Client } from './testkit/client.ts';

let world: World;
let client: Client;
const number = '61480808165';
beforeEach(async () => {
  world = await createWorld({ clock: new FakeClock('2025-10-19T12:59:17Z') });
  const senders = [{ address: number, kind: 'dedicated' }] as const;
  const settings = { edition: '2026' };
  client = new Client(world, await world.account({ senders, settings }));
});
afterEach(() => world.close());

const says = (
  text: string,
  { from = '+61403309564', at = world.clock.now() } = {},
): Promise<void> => world.link.reply(from, number, text, at);

describe('GET /v1/messages?type=inbound', () => {
  it('answers the sample of the reference, again and again', async () => {
    await says("What's up");
    const sample = readFixture(import.meta.url, 'inbound-polling.response.json');
    expectSample((await client.get('/v1/messages?type=inbound')).body, sample);
    expectSample((await client.get('/v1/messages?type=inbound')).body, sample);
  });

  it('answers the documented object when there is nothing', async () => {
    expect(await client.get('/v1/messages?type=inbound')).toMatchObject({
      status: 200,
      body: '{"error":"No inbound or unsubscribe messages found."}',
    });
  });

  it('has what a handset wrote to be left alone, newest first, and no more than 100', async () => {
    for (let index = 0; index < 101; index++) await says(`${index}`);
    await world.clock.advance(1000);
    await says('STOP');
    const rows = JSON.parse((await client.get('/v1/messages?type=inbound')).body) as object[];
    expect(rows).toHaveLength(100);
    expect(rows[0]).toMatchObject({ type: 'unsubscribe', message: 'STOP' });
  });

  it('is another way to say nothing in edition 2024', async () => {
    const older = new Client(world, await world.account());
    expect((await older.get('/v1/messages?type=inbound')).body).toBe(
      '{"status":"complete","results":[]}',
    );
  });
});

describe('GET /v1/inbound', () => {
  it('has the handset as `from` and as `sender`, and the message that was answered', async () => {
    const [sent] = (await client.send([{ sender: number, custom_ref: 'r' }])).rows;
    await waitUntil('it is sent', () => world.link.sent.length === 1);
    await says('Yes', { from: '+61412345678' });
    const answer = await client.get('/v1/inbound');
    const [row] = answer.rows;
    expect(row?.message_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.body).toBe(
      JSON.stringify({
        status: 'complete',
        results: [
          {
            message_id: row?.message_id,
            from: '61412345678',
            to: number,
            message: 'Yes',
            sender: '61412345678',
            received_at: '2025-10-19 12:59:17',
            type: 'inbound',
            original_message_id: sent?.message_id,
            original_custom_ref: 'r',
          },
        ],
      }),
    );
  });

  it('gives pages and days', async () => {
    const halfADay = 12 * 3600_000;
    for (const [index, text] of ['a', 'b', 'c', 'd'].entries()) {
      await says(text, { at: world.clock.now() + index * halfADay });
    }
    // 19th 12:59, 20th 00:59, 20th 12:59, 21st 00:59.
    const texts = async (query: string): Promise<string> =>
      (await client.get(`/v1/inbound?${query}`)).rows.map(({ message }) => message).join('');
    expect(await texts('')).toBe('dcba');
    expect(await texts('limit=2&offset=1')).toBe('cb');
    expect(await texts('start_date=2025-10-20')).toBe('dcb');
    expect(await texts('end_date=2025-10-20')).toBe('cba');
    expect(await texts('start_date=2025-10-20&end_date=2025-10-20')).toBe('cb');
    expect(await texts('start_date=2025-10-20%2001:00:00')).toBe('dc');
    expect(await texts('end_date=2025-10-20T01:00:00Z&limit=1')).toBe('b');
    expect(await texts('start_date=&end_date=')).toBe('dcba');
  });

  it.each(['start_date=yesterday', 'end_date=2025-02-30', 'limit=-1', 'offset=x'])(
    'refuses %s',
    async (query) => {
      expect((await client.get(`/v1/inbound?${query}`)).status).toBe(400);
    },
  );

  it('has nothing of others', async () => {
    await says('for the one');
    const other = new Client(world, await world.account({ settings: { edition: '2026' } }));
    expect((await other.get('/v1/inbound')).rows).toEqual([]);
  });
});
