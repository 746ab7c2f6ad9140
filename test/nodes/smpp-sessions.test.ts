import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { statuses } from '../../src/smpp/codec/statuses.ts';
import { concatenationHeader } from '../../src/smpp/user-data.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { SmppClient } from '../support/smpp-client.ts';
import type { SmppWorld } from '../support/smpp-world.ts';
import { createSmppWorld } from '../support/smpp-world.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase } from '../support/storage.ts';
import { TestLink } from '../support/test-link.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Clients may bind to any node: what they are told does not ask where they are. */
let database: TestDatabase;
let one: SmppWorld;
let two: SmppWorld;
/** Stands still: what happens, happens because one node told the other of it. */
let clock: FakeClock;
const link = (node: string) => new TestLink('test', { node });
beforeEach(async () => {
  database = await createTestDatabase();
  clock = new FakeClock();
  one = await createSmppWorld({ database, clock, node: 'one', links: [link('one')] });
  two = await createSmppWorld({
    database,
    clock,
    node: 'two',
    links: [],
    routes: [{ links: [link('two').id] }],
    dispatch: false,
  });
});
afterEach(async () => {
  await one.close();
  await two.close();
  await database.drop();
});

const number = '61400000010';
const senders = ['CompanyABC', { address: number, kind: 'dedicated' }] as const;
const reply = (text: string) =>
  one.world.gateway.reply({
    linkId: 'test' as Parameters<typeof one.world.gateway.reply>[0]['linkId'],
    from: '+61412345678' as Parameters<typeof one.world.gateway.reply>[0]['from'],
    to: number,
    text,
    at: clock.now(),
    upstreamId: null,
  });

describe('two nodes', () => {
  it('tell a client what happened on the other one', async () => {
    const account = await one.account({ senders });
    const here = await one.client(account, 'bind_transmitter');
    const there = await two.client(account, 'bind_receiver');
    const id = await here.submit();
    await waitUntil('the network has it', async () => {
      const answer = await here.ask('query_sm', { messageId: id });
      await clock.settle();
      const [message] = await one.world.gateway.searchMessages(await account.caller(), {
        limit: 1,
        offset: 0,
      });
      return answer.status === 0 && message?.status === 'sent';
    });
    await one.world.gateway.receipt({
      linkId: 'test' as Parameters<typeof one.world.gateway.receipt>[0]['linkId'],
      upstreamId: 'test-one1',
      status: 'delivered',
      detail: null,
      at: clock.now(),
    });
    await reply('hello');
    await there.hears(2);
    expect(there.texts()[0]).toMatch(new RegExp(`^id:${id} .* stat:DELIVRD`));
    expect(there.texts()[1]).toBe('hello');
  });

  it('share what there is to tell, and tell each thing once', async () => {
    const account = await one.account({ senders });
    const clients = [await one.client(account), await two.client(account)];
    await Promise.all(Array.from({ length: 200 }, (_, at) => reply(`reply ${at}`)));
    const all = () => clients.flatMap((client) => client.texts());
    await waitUntil('all are told', () => all().length >= 200);
    await waitUntil('all are written down', async () => {
      const [row] = await database.query<{ n: number }>(
        "select count(*) as n from notifications where status <> 'delivered'",
      );
      return Number(row?.n) === 0;
    });
    expect(new Set(all()).size).toBe(200);
    expect(all()).toHaveLength(200);
  });

  it('gather the pieces of one message', async () => {
    const account = await one.account({ senders });
    const clients = [await one.client(account), await two.client(account)] as const;
    const piece = (nr: number, place: number) => ({
      destinationAddr: String(61412000000 + nr),
      esmClass: 0x40,
      shortMessage: Buffer.concat([
        concatenationHeader({ reference: 7, number: place, total: 3 }, 8),
        Buffer.from(`${nr}/${place} `),
      ]),
    });
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, nr) =>
        [1, 2, 3].map((place) => clients[(nr + place) % 2 === 0 ? 0 : 1].submit(piece(nr, place))),
      ).flat(),
    );
    expect(new Set(answers).size).toBe(120);
    const messages = await one.world.gateway.searchMessages(await account.caller(), {
      limit: 100,
      offset: 0,
    });
    expect(messages).toHaveLength(40);
    for (const { text } of messages) expect(text).toMatch(/^(\d+)\/1 \1\/2 \1\/3 $/);
    expect(await account.credits()).toBe(960);
  });

  it('that get the same last piece at once make one message of it', async () => {
    const account = await one.account({ senders });
    const clients = [await one.client(account), await two.client(account)] as const;
    const piece = (nr: number, place: number) => ({
      destinationAddr: String(61412000000 + nr),
      esmClass: 0x40,
      shortMessage: Buffer.concat([
        concatenationHeader({ reference: 7, number: place, total: 2 }, 8),
        Buffer.from(`${nr}/${place} `),
      ]),
    });
    const places = Array.from({ length: 30 }, (_, nr) => nr);
    const firsts = await Promise.all(places.map((nr) => clients[0].submit(piece(nr, 1))));
    const lasts = await Promise.all(
      places.flatMap((nr) => clients.map((client) => client.ask('submit_sm', piece(nr, 2)))),
    );
    expect(lasts.filter(({ status }) => status !== 0)).toEqual([]);
    const page = { limit: 100, offset: 0 };
    const messages = await one.world.gateway.searchMessages(await account.caller(), page);
    expect(messages).toHaveLength(30);
    expect(await account.credits()).toBe(970);
    const ids = new Set(messages.map(({ id }) => id.replaceAll('-', '')));
    for (const first of firsts) expect(ids.has(first.slice(0, 32))).toBe(true);
  });

  it('count binds together', async () => {
    const account = await one.account({ credential: { maxBinds: 2 } });
    await one.client(account);
    const second = await two.client(account);
    const status = async ({ url }: SmppWorld): Promise<number> => {
      const client = await SmppClient.open(url);
      const answer = await client.bind(account.login);
      client.destroy();
      return answer.status;
    };
    expect(await status(one)).toBe(statuses.ESME_RBINDFAIL);
    expect(await status(two)).toBe(statuses.ESME_RBINDFAIL);
    await second.unbind();
    await waitUntil('a place is free', async () => (await status(one)) === 0);
  });

  it('of which one dies between telling and writing down: the other tells it again', async () => {
    const account = await one.account({ senders });
    const dying = await two.client(account);
    dying.onDelivery = () => null;
    // What the one node keeps of the account is from before its first session.
    await clock.advance(1_500);
    await reply('hello');
    await dying.hears(1);
    // What another node would find out by its silence.
    const { dispatcher, storage } = one.world;
    await storage.write((tx) =>
      tx.notifications.reclaim([two.world.dispatcher.nodeId], clock.now()),
    );
    expect(dispatcher.nodeId).not.toBe(two.world.dispatcher.nodeId);
    const other = await one.client(account);
    await other.hears(1);
    expect(other.texts()).toEqual(['hello']);
  });
});
