import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { WebhookReceiver } from '../../../test/support/webhook-receiver.ts';
import { startReceiver } from '../../../test/support/webhook-receiver.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { Client } from './testkit/client.ts';

let world: World;
let receiver: WebhookReceiver;
let client: Client;
const dedicated = { address: '61400000010', kind: 'dedicated' } as const;
beforeEach(async () => {
  world = await createWorld({ notify: true });
  receiver = await startReceiver();
});
afterEach(async () => {
  await world.close();
  await receiver.close();
});

async function start(edition: '2024' | '2026'): Promise<void> {
  const account = await world.account({
    settings: { edition },
    senders: ['CompanyABC', dedicated],
    endpoints: { inbound: receiver.url },
  });
  client = new Client(world, account);
}
const handset = '+61412345678';
const says = (text: string): Promise<void> =>
  world.link.reply(handset, '61400000010', text, world.clock.now());

describe.each(['2024', '2026'] as const)('STOP and START, edition %s', (edition) => {
  it('block and unblock a number', async () => {
    await start(edition);
    await says(' stop. ');
    const message = { to: '61412345678', message: 'Are you there?' };
    const { status, rows, body } = await client.send([message, { to: '0412345679' }]);
    expect(status).toBe(200);
    const id = rows[0]?.message_id ?? '';
    const sample = readFixture(import.meta.url, 'blocked.response.json');
    expectSample(JSON.stringify(rows[0]), sample, { '…': message.message, '…id…': id });
    expect(rows[1]).toMatchObject({ status: 'success', cost: 1 });
    expect(JSON.parse(body)).toMatchObject({ total_cost: 1 });
    expect((await client.get(`/v1/messages?message_id=${id}`)).rows).toMatchObject([
      { status: 'blocked', cost: 0, to: handset },
    ]);
    expect(await client.account.credits()).toBe(999);

    await says('START');
    expect((await client.send([{}])).rows).toMatchObject([{ status: 'success' }]);

    await waitUntil('it is told', () => receiver.received.length === 2);
    const told = receiver.received.map(({ body: text }) => JSON.parse(text) as object);
    expect(told).toContainEqual(
      expect.objectContaining({ type: 'unsubscribe', message: ' stop. ', sender: '61412345678' }),
    );
    expect(told).toContainEqual(expect.objectContaining({ type: 'inbound', message: 'START' }));
  });

  it.each(['STOP', 'Unsubscribe', 'QUIT', 'stop all', 'OPTOUT', 'cancel', 'end'])(
    'hear %s',
    async (word) => {
      await start(edition);
      await says(word);
      expect((await client.send([{}])).rows).toMatchObject([{ status: 'blocked' }]);
    },
  );

  it('pass over a sentence with such a word in it', async () => {
    await start(edition);
    await says('Please stop sending the red one');
    expect((await client.send([{}])).rows).toMatchObject([{ status: 'success' }]);
  });

  it('concern that account alone', async () => {
    await start(edition);
    await says('STOP');
    const other = new Client(world, await world.account({ settings: { edition } }));
    expect((await other.send([{}])).rows).toMatchObject([{ status: 'success' }]);
  });
});

describe('STOP', () => {
  it('takes back what is scheduled to that handset, with its price', async () => {
    await start('2026');
    const later = { scheduled_for: '2026-06-01 00:00:00' };
    const others = { ...later, to: '0412345679' };
    const { rows } = await client.send([later, { ...later, message: 'x'.repeat(200) }, others]);
    expect(await client.account.credits()).toBe(996);
    await says('STOP');
    expect(await client.account.credits()).toBe(999);
    const statuses = await Promise.all(
      rows.map(async ({ message_id }) => {
        const found = await client.get(`/v1/messages?message_id=${message_id}`);
        return found.rows[0]?.status;
      }),
    );
    expect(statuses).toEqual(['cancelled', 'cancelled', 'scheduled']);
  });
});

describe('/v1/unsubscribes', () => {
  const ask = (method: 'POST' | 'DELETE', number: unknown) =>
    client.ask(method, '/v1/unsubscribes', { body: { number } });

  it('lists them, newest first, in pages', async () => {
    await start('2026');
    await says('STOP');
    await world.clock.advance(1_000);
    await ask('POST', '0412345679');
    expect((await client.get('/v1/unsubscribes')).body).toBe(
      JSON.stringify({
        status: 'complete',
        results: [
          { number: '61412345679', to: '61412345679', unsubscribed_at: '2026-03-01 00:00:01' },
          { number: '61412345678', to: '61412345678', unsubscribed_at: '2026-03-01 00:00:00' },
        ],
      }),
    );
    expect((await client.get('/v1/unsubscribes?limit=1&offset=1')).rows).toMatchObject([
      { number: '61412345678' },
    ]);
  });

  it('adds a number as if it had written STOP, and removes it as if it had written START', async () => {
    await start('2026');
    const later = { scheduled_for: '2026-06-01 00:00:00' };
    await client.send([later]);
    expect((await ask('POST', '0412 345 678')).rows).toMatchObject([
      { number: '61412345678', status: 'unsubscribed' },
    ]);
    expect((await ask('POST', '+61412345678')).rows).toMatchObject([
      { status: 'already unsubscribed' },
    ]);
    expect(await client.account.credits()).toBe(1000);
    expect((await client.send([{}])).rows).toMatchObject([{ status: 'blocked' }]);
    expect((await ask('DELETE', '61412345678')).rows).toMatchObject([{ status: 'resubscribed' }]);
    expect((await ask('DELETE', '61412345678')).status).toBe(404);
    expect((await client.send([{}])).rows).toMatchObject([{ status: 'success' }]);
  });

  it.each([['nobody'], [''], [412345678], [null], [undefined]])('refuses %j', async (number) => {
    await start('2026');
    expect((await ask('POST', number)).status).toBe(400);
    expect((await client.get('/v1/unsubscribes')).rows).toEqual([]);
  });
});
