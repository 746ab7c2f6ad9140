import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { Answer } from './testkit/client.ts';
import { Client } from './testkit/client.ts';

let world: World;
let client: Client;
beforeEach(async () => {
  world = await createWorld();
  client = new Client(world, await world.account({ settings: { edition: '2026' } }));
});
afterEach(() => world.close());

const later = { scheduled_for: '2026-06-01 00:00:00' };
const cancel = (query: string, body?: unknown): Promise<Answer> =>
  client.ask('DELETE', `/v1/messages${query}`, body === undefined ? {} : { body });

async function scheduled(...more: object[]): Promise<string[]> {
  const { rows } = await client.send(more.map((one) => ({ ...later, ...one })));
  return rows.map(({ message_id }) => message_id);
}

const tooLate = 'Only a message that is still scheduled can be cancelled.';

describe('DELETE /v1/messages', () => {
  it.each([
    ['in the query', (id: string) => cancel(`?message_id=${id}`)],
    ['in a JSON body', (id: string) => cancel('', { message_id: id })],
    ['in a list', (id: string) => cancel('', { message_id: [id, 'no uuid'] })],
    ['by reference in the query', () => cancel('?custom_ref=ref')],
    ['by reference in a body', () => cancel('', { custom_ref: 'ref' })],
    ['by references with a wildcard', () => cancel('', { custom_ref: ['none', 'r%'] })],
    ['by both', (id: string) => cancel(`?message_id=${id}&custom_ref=r%25`)],
  ])('takes back a scheduled message that is named %s, with its price', async (_, ask) => {
    const [id = ''] = await scheduled({ custom_ref: 'ref', message: 'x'.repeat(200) });
    expect(await client.account.credits()).toBe(998);
    const answer = await ask(id);
    expect(answer.body).toBe(
      JSON.stringify({
        status: 'complete',
        results: [
          {
            to: '+61412345678',
            message: 'x'.repeat(200),
            sender: 'CompanyABC',
            custom_ref: 'ref',
            status: 'cancelled',
            cost: 0,
            message_id: id,
            requested_at: '2026-03-01 00:00:00',
            scheduled_for: '2026-06-01 00:00:00',
            encoding: 'gsm7',
          },
        ],
      }),
    );
    expect(await client.account.credits()).toBe(1000);
    expect((await client.get(`/v1/messages?message_id=${id}`)).rows).toMatchObject([
      { status: 'cancelled' },
    ]);
  });

  it('takes back several, and says of each what became of it', async () => {
    const ids = await scheduled({ custom_ref: 'a' }, { custom_ref: 'b' }, { custom_ref: 'a' });
    const [sent] = (await client.send([{}])).rows;
    const answer = await cancel(
      `?message_id=${ids[0]}&message_id=${ids[1]}&message_id=${sent?.message_id}`,
    );
    const row = (id: string | undefined) => answer.rows.find(({ message_id }) => message_id === id);
    expect(row(ids[0])).toMatchObject({ status: 'cancelled' });
    expect(row(ids[1])).toMatchObject({ status: 'cancelled' });
    expect(row(sent?.message_id)).toMatchObject({ error: tooLate });
    expect(row(sent?.message_id)?.status).not.toBe('cancelled');
    expect(await client.account.credits()).toBe(998);
  });

  it('takes back more than a page of one reference', async () => {
    await world.gateway.owner.topUp(client.account.account.id, 2_000_000 as never, null);
    await scheduled(...Array.from({ length: 2050 }, (_, index) => ({ custom_ref: `c-${index}` })));
    expect((await cancel('?custom_ref=c-%25')).rows).toHaveLength(2050);
    expect(await client.account.credits()).toBe(3000);
  });

  it('refuses what is not scheduled any more, and what never was', async () => {
    const [id] = await scheduled({ custom_ref: 'ref' });
    await cancel(`?message_id=${id}`);
    for (const query of [
      `?message_id=${id}`,
      '?custom_ref=ref',
      `?message_id=${id}&custom_ref=ref`,
    ]) {
      expect(await cancel(query)).toMatchObject({
        status: 403,
        body: JSON.stringify({ error: tooLate }),
      });
    }
    const unknown = [
      '?message_id=019ca6b1-dc00-7000-8000-00000000ffff',
      '?message_id=x',
      '?custom_ref=x',
    ];
    for (const query of [...unknown, `?message_id=${id}&custom_ref=x`]) {
      expect(await cancel(query)).toMatchObject({
        status: 404,
        body: '{"error":"Message not found."}',
      });
    }
    expect(await client.account.credits()).toBe(1000);
  });

  it('is too late when its time has come', async () => {
    const { rows } = await client.send([{ scheduled_for: '2026-03-01 00:00:05' } as object]);
    await world.clock.advance(7_000);
    await waitUntil('it is sent', () => world.link.sent.length === 1);
    expect((await cancel(`?message_id=${rows[0]?.message_id}`)).status).toBe(403);
    expect(await client.account.credits()).toBe(999);
  });

  it.each([
    ['nothing', '', undefined],
    ['an empty body', '', {}],
    ['nulls', '', { message_id: null, custom_ref: null }],
    ['a number', '', { message_id: 5 }],
    ['a list of numbers', '', { message_id: [5] }],
    ['a list of too many references', '', { custom_ref: Array.from({ length: 101 }, () => 'a') }],
  ])('refuses %s: nobody means all', async (_, query, body) => {
    await scheduled({});
    expect((await cancel(query, body)).status).toBe(400);
    expect(await client.account.credits()).toBe(999);
  });

  it('leaves the messages of others alone', async () => {
    const [id] = await scheduled({ custom_ref: 'ref' });
    const mine = client;
    client = new Client(world, await world.account({ settings: { edition: '2026' } }));
    expect((await cancel(`?message_id=${id}`)).status).toBe(404);
    expect((await cancel('?custom_ref=%25')).status).toBe(404);
    await waitUntil(
      'it is there',
      async () => (await mine.get('/v1/messages')).rows[0]?.status === 'scheduled',
    );
  });
});
