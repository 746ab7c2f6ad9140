import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { AccountWish } from '../../../test/support/world-account.ts';
import type { E164 } from '../../text/phone-number.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { Client } from './testkit/client.ts';
import { parseFault } from './testkit/suite.ts';

let world: World;
let client: Client;
let numbers = 0;
/** A number that is this test's alone. */
let own: string;
const startWith = async (wish: AccountWish): Promise<void> => {
  own = `+614915702${String(++numbers).padStart(2, '0')}`;
  const senders = [{ address: own, kind: 'dedicated' } as const];
  client = new Client(world, await world.account({ dialect: 'messagemedia', senders, ...wish }));
};
beforeAll(async () => {
  world = await createWorld();
});
beforeEach(async () => {
  await startWith({});
});
afterAll(() => world.close());

const handset = '+61491570156' as E164;
const write = async (text: string, from = handset, to = own): Promise<void> => {
  const at = world.clock.now();
  await world.gateway.reply({ linkId: world.link.id, from, to, text, at, upstreamId: null });
};
const confirm = (ids: unknown) =>
  client.ask('POST', '/v1/replies/confirmed', { body: { reply_ids: ids } });
async function sent(...messages: object[]) {
  const rows = await client.sent(...messages);
  for (const row of rows) await client.submitted(row);
  return rows;
}

describe('GET /v1/replies', () => {
  it('has nothing at first', async () => {
    expect((await client.get('/v1/replies')).body).toBe('{"replies":[]}');
  });

  it('has the documented form', async () => {
    const senders = ['+61491570156', '+61491570157'].map((address) => ({
      address,
      kind: 'dedicated' as const,
    }));
    await startWith({ name: 'MyAccountOfReplies', settings: { vendorId: 'SinchEU' }, senders });
    const fields = {
      callback_url: 'https://my.callback.url.com',
      metadata: { key1: 'value1', key2: 'value2' },
    };
    const [first, second] = await sent(
      { ...fields, source_number: '+61491570156', destination_number: '+61491570157' },
      { ...fields, source_number: '+61491570157', destination_number: '+61491570158' },
    );
    await write('My first reply!', '+61491570157' as E164, '61491570156');
    await world.clock.advance(1000);
    await write('My second reply!', '+61491570158' as E164, '61491570157');
    const { body } = await client.get('/v1/replies');
    const [one, two] = await client.replies();
    const { replies } = readFixture(import.meta.url, 'replies.response.json') as {
      replies: [object, object];
    };
    expectSample(
      body,
      {
        replies: [
          { ...replies[0], date_received: one?.['date_received'] },
          { ...replies[1], date_received: two?.['date_received'] },
        ],
      },
      {
        '877c19ef-fa2e-4cec-827a-e1df9b5509f7': String(first?.message_id),
        '8f2f5927-2e16-4f1c-bd43-47dbe2a77ae4': String(second?.message_id),
        'a175e797-2b54-468b-9850-41a3eab32f74': String(one?.['reply_id']),
        '3d8d53d8-01d3-45dd-8cfa-4dfc81600f7f': String(two?.['reply_id']),
        MyAccount: 'MyAccountOfReplies',
      },
    );
    for (const address of ['+61491570156', '+61491570157']) {
      await world.gateway.senders.remove(client.account.account.id, address);
    }
  });

  it('has what answers nothing', async () => {
    await write('Hello?');
    const [reply] = await client.replies();
    expect(reply).toMatchObject({
      content: 'Hello?',
      source_number: handset,
      destination_number: own,
      metadata: {},
      vendor_account_id: { vendor_id: 'MessageMedia', account_id: client.account.account.name },
    });
    expect(reply).not.toHaveProperty('message_id');
    expect(reply).not.toHaveProperty('callback_url');
  });

  it('has the wish to be left alone, too', async () => {
    await sent({});
    await write('STOP');
    expect(await client.replies()).toMatchObject([{ content: 'STOP' }]);
    await client.sent({ delivery_report: true });
    expect(await client.reports()).toMatchObject([{ status: 'rejected', error_code: '302' }]);
  });

  it('has them until they are confirmed, the oldest first', async () => {
    for (const text of ['one', 'two', 'three']) {
      await write(text);
      await world.clock.advance(10);
    }
    const replies = await client.replies();
    expect(replies.map(({ content }) => content)).toEqual(['one', 'two', 'three']);
    const { status, body, headers } = await confirm([replies[1]?.['reply_id']]);
    expect({ status, body }).toEqual({ status: 202, body: '' });
    expect(headers).toMatchObject({ 'content-type': 'text/plain', 'content-length': '0' });
    expect(await client.replies()).toEqual([replies[0], replies[2]]);
  });
});

describe('POST /v1/replies/confirmed', () => {
  it('takes made-up ids', async () => {
    expect((await confirm(['011dcead-6988-4ad6-a1c7-6b6c68ea628d'])).status).toBe(202);
  });

  it.each([
    [null, ['/reply_ids: Ids cannot be null']],
    [['x'], ['/reply_ids/0: [x] is invalid']],
    [Array.from({ length: 101 }, () => 'x'), ['/reply_ids: Ids must be at most 100']],
  ])('refuses %j', async (ids, details) => {
    const { status, json } = await confirm(ids);
    expect({ status, json }).toEqual({ status: 400, json: { message: parseFault, details } });
  });
});
