import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { Received, WebhookReceiver } from '../../../test/support/webhook-receiver.ts';
import { startReceiver } from '../../../test/support/webhook-receiver.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { Client } from './testkit/client.ts';

let world: World;
let receiver: WebhookReceiver;
let client: Client;
/** What the receiver answers; 200 when there is none left. */
let answers: number[];
const number = '+61491570157';
const handset = '+61491570156';

beforeEach(async () => {
  answers = [];
  world = await createWorld({ notify: true });
  receiver = await startReceiver((_: Received, response: ServerResponse) => {
    response.statusCode = answers.shift() ?? 200;
    response.end();
  });
  const senders = [{ address: number, kind: 'dedicated' as const }];
  client = new Client(world, await world.account({ dialect: 'messagemedia', senders }));
});
afterEach(async () => {
  await world.close();
  await receiver.close();
});

const at = (): { at: number } => ({ at: world.clock.now() });
const isSent = (count = 1): Promise<void> =>
  waitUntil('it is sent', () => world.link.sent.length >= count);
/** Waits for so many requests; gives the last one's body. */
async function heard(count: number): Promise<Record<string, unknown>> {
  await waitUntil(`told ${count} times`, () => receiver.received.length >= count);
  await settled();
  expect(receiver.received).toHaveLength(count);
  const body = receiver.received.at(-1)?.body ?? '';
  return body.startsWith('{') ? (JSON.parse(body) as Record<string, unknown>) : {};
}
/** All tries that were made are written down: from now their next delays count. */
const settled = (): Promise<void> =>
  waitUntil('the tries are written down', async () => {
    const { id } = client.account.account;
    const all = await world.storage.read.notifications.list(id, { limit: 100, offset: 0 });
    const requests = all.filter(({ via }) => via === 'request');
    return requests.every((one) => one.lockedBy === null && one.attempts > 0);
  });
async function addWebhook(more: object): Promise<string> {
  const body = { url: receiver.url, method: 'POST', encoding: 'JSON', ...more };
  const { status, json, body: text } = await client.ask('POST', '/v1/webhooks/messages', { body });
  if (status !== 201) throw new Error(text);
  return json['id'] as string;
}

describe('a callback', () => {
  it('hears of each status of a message, in order, as it can also be polled', async () => {
    const metadata = { key: 'value' };
    const more = { callback_url: receiver.url, delivery_report: true, metadata };
    world.link.current = 'down';
    const [message] = await client.sent({ ...more });
    await heard(1);
    world.link.current = 'up';
    await world.clock.advance(10_000);
    await isSent();
    await heard(2);
    await world.clock.advance(2_000);
    await world.link.receipt('delivered', at());
    await heard(3);
    const told = receiver.received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(told.map(({ status, error_code }) => [status, error_code])).toEqual([
      ['enroute', '101'],
      ['submitted', '200'],
      ['delivered', '220'],
    ]);
    expect(told[2]).toEqual({
      vendor_account_id: { vendor_id: 'MessageMedia', account_id: client.account.account.name },
      callback_url: receiver.url,
      delivery_report_id: told[2]?.['delivery_report_id'],
      source_number: handset,
      date_received: '2026-03-01T00:00:12.000Z',
      status: 'delivered',
      delay: 0,
      submitted_date: '2026-03-01T00:00:00.000Z',
      original_text: 'My first message',
      message_id: message?.message_id,
      error_code: '220',
      metadata,
    });
    const ids = (all: Record<string, unknown>[]) => all.map((one) => one['delivery_report_id']);
    const polled = await client.reports();
    expect(ids(polled)).toEqual(ids(told));
    const body = { delivery_report_ids: ids(told).slice(0, 2) };
    await client.ask('POST', '/v1/delivery_reports/confirmed', { body });
    expect(ids(await client.reports())).toEqual(ids(told).slice(2));
  });

  it('hears of replies, and of no status that was not asked for', async () => {
    const [message] = await client.sent({ callback_url: receiver.url });
    await isSent();
    await world.link.receipt('delivered', at());
    await world.link.reply(handset, number, 'Hello back', world.clock.now());
    const told = await heard(1);
    expect(told).toMatchObject({
      callback_url: receiver.url,
      source_number: handset,
      destination_number: number,
      message_id: message?.message_id,
      content: 'Hello back',
    });
    expect((await client.replies()).map((one) => one['reply_id'])).toEqual([told['reply_id']]);
    expect(await client.reports()).toEqual([]);
  });

  it('hears when a scheduled message goes its way, and when one is refused', async () => {
    const more = { callback_url: receiver.url, delivery_report: true };
    await client.sent({ ...more, scheduled: '2026-03-01T00:02:00Z' });
    await world.clock.settle();
    expect(receiver.received).toEqual([]);
    await world.clock.advance(122_000);
    await isSent();
    await heard(2);
    await client.sent({ ...more, source_number: 'Nobody' });
    expect(await heard(3)).toMatchObject({ status: 'rejected', error_code: '410' });
  });

  it('is told again, later and later, until it hears', async () => {
    answers = [500, 404];
    const more = { callback_url: receiver.url, delivery_report: true };
    world.link.current = 'down';
    await client.sent({ ...more });
    await heard(1);
    for (const [index, seconds] of [60, 120].entries()) {
      await world.clock.advance((seconds - 5) * 1_000);
      expect(receiver.received).toHaveLength(index + 1);
      await world.clock.advance(7_000);
      await heard(index + 2);
    }
    await world.clock.advance(5_000);
    expect(receiver.received).toHaveLength(3);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
  });

  it('that is gone does not end the others', async () => {
    answers = [410];
    const more = { delivery_report: true };
    world.link.current = 'down';
    await client.sent({ ...more, callback_url: receiver.url });
    await heard(1);
    await client.sent({ ...more, callback_url: `${receiver.url}/other` });
    await heard(2);
    await world.clock.advance(70_000);
    expect(receiver.received).toHaveLength(2);
  });
});

describe('a webhook', () => {
  it('hears what it has subscribed to, as its template says', async () => {
    await addWebhook({
      url: `${receiver.url}/dr?to=$sourceAddress`,
      method: 'PUT',
      events: ['DELIVERED_DR', 'SUBMITTED_DR'],
      headers: { 'X-Custom-Header': 'Hello world!' },
      template:
        '{"id":"$mtId","status":"$status","code":"$statusCode","text":"$esc.json($!mtContent)","try":$retryCount,' +
        '"metadata":{#foreach($key in $metadata.keySet())"$key":"$esc.json($metadata.get($key))"#if( $velocityHasNext ), #end#end}}',
    });
    const metadata = { one: '1', two: 'say "2"' };
    const [message] = await client.sent({ content: 'Hey "you"', metadata });
    await isSent();
    await heard(1);
    await world.link.receipt('delivered', at());
    expect(await heard(2)).toEqual({
      id: message?.message_id,
      status: 'delivered',
      code: '220',
      text: 'Hey "you"',
      try: 0,
      metadata,
    });
    expect(receiver.received.map(({ method, path }) => [method, path])).toEqual([
      ['PUT', '/webhook/dr?to=%2B61491570156'],
      ['PUT', '/webhook/dr?to=%2B61491570156'],
    ]);
    expect(receiver.received[0]?.headers).toMatchObject({
      'x-custom-header': 'Hello world!',
      'content-type': 'application/json',
    });
    // It has not asked for reports: there are none to be polled.
    expect(await client.reports()).toEqual([]);
  });

  it('hears nothing of a message that has a callback, but of wishes to be left alone', async () => {
    await addWebhook({ url: `${receiver.url}/hook`, events: ['RECEIVED_SMS', 'DELIVERED_DR'] });
    await addWebhook({ url: `${receiver.url}/stop`, events: ['OPT_OUT_SMS'] });
    await client.sent({ callback_url: `${receiver.url}/callback` });
    await isSent();
    await world.link.receipt('delivered', at());
    await world.link.reply(handset, number, 'Hello', world.clock.now());
    expect(await heard(1)).toMatchObject({ content: 'Hello' });
    await world.link.reply(handset, number, 'STOP', world.clock.now());
    await heard(3);
    expect(receiver.received.map(({ path }) => path).toSorted()).toEqual([
      '/webhook/callback',
      '/webhook/callback',
      '/webhook/stop',
    ]);
    const stop = receiver.received.find(({ path }) => path === '/webhook/stop');
    const told = JSON.parse(stop?.body ?? '') as Record<string, unknown>;
    expect(told).toMatchObject({ content: 'STOP', source_number: handset });
    expect(told['notification_id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(told).not.toHaveProperty('reply_id');
  });

  it('that is asked by GET is told in its URL', async () => {
    await addWebhook({
      url: `${receiver.url}?reply=$moContent&original=$mtContent&from=$sourceAddress&to=$destinationAddress&id=$moId`,
      method: 'GET',
      events: ['RECEIVED_SMS'],
    });
    await client.sent({ content: 'Caf\u00e9?' });
    await isSent();
    await world.link.reply(handset, number, 'yes & no #1', world.clock.now());
    await heard(1);
    const [request] = receiver.received;
    const [reply] = await client.replies();
    expect(request).toMatchObject({ method: 'GET', body: '' });
    expect(request?.headers).not.toHaveProperty('content-type');
    expect(Object.fromEntries(new URL(request?.path ?? '', receiver.url).searchParams)).toEqual({
      reply: 'yes & no #1',
      original: 'Caf\u00e9?',
      from: handset,
      to: number,
      id: reply?.['reply_id'],
    });
  });

  it('is told again as often as it says, and says which try it is', async () => {
    answers = [500, 500, 500, 500];
    await addWebhook({
      events: ['ENROUTE_DR'],
      retries: 2,
      retry_delay: 10,
      template: '{"try":$retryCount,"id":"$drId"}',
    });
    world.link.current = 'down';
    await client.sent({});
    const first = await heard(1);
    for (const count of [2, 3]) {
      await world.clock.advance(5_000);
      expect(receiver.received).toHaveLength(count - 1);
      await world.clock.advance(7_000);
      expect(await heard(count)).toEqual({ try: count - 1, id: first['id'] });
    }
    await world.clock.advance(30_000);
    expect(receiver.received).toHaveLength(3);
  });

  it('is told once where it asks for no retries', async () => {
    answers = [500];
    await addWebhook({ events: ['ENROUTE_DR'] });
    world.link.current = 'down';
    await client.sent({});
    await heard(1);
    await world.clock.advance(70_000);
    expect(receiver.received).toHaveLength(1);
  });

  it('whose template costs too much ends its tries, and holds up nothing', async () => {
    const template = '#foreach($i in [1..9999])#foreach($j in [1..9])x#end#end';
    await addWebhook({ url: `${receiver.url}/slow`, events: ['ENROUTE_DR'], template });
    await addWebhook({ url: `${receiver.url}/good`, events: ['ENROUTE_DR'] });
    world.link.current = 'down';
    await client.sent({});
    await heard(1);
    expect(receiver.received[0]?.path).toBe('/webhook/good');
    const { id } = client.account.account;
    const all = await world.storage.read.notifications.list(id, { limit: 10, offset: 0 });
    const ends = all.filter(({ via }) => via === 'request').map(({ status }) => status);
    expect(ends.toSorted()).toEqual(['delivered', 'failed']);
  });

  it('that was removed hears nothing more', async () => {
    const id = await addWebhook({ events: ['ENROUTE_DR'] });
    world.link.current = 'down';
    await client.sent({});
    await heard(1);
    await client.ask('DELETE', `/v1/webhooks/messages/${id}`);
    await client.sent({ content: 'another' });
    await world.clock.advance(5_000);
    expect(receiver.received).toHaveLength(1);
  });

  it('of one account hears nothing of another', async () => {
    await addWebhook({ events: ['ENROUTE_DR', 'RECEIVED_SMS'] });
    const other = new Client(world, await world.account({ dialect: 'messagemedia' }));
    world.link.current = 'down';
    await other.sent({});
    await client.sent({});
    await heard(1);
  });
});

it('the owner can have everything of an account told at one place', async () => {
  const { id } = client.account.account;
  const place = { form: 'messagemedia', topic: 'events', url: receiver.url };
  await world.gateway.owner.setEndpoint(id, place);
  await client.sent({});
  await isSent();
  await heard(2);
  await world.link.reply(handset, number, 'STOP', world.clock.now());
  expect(await heard(3)).toMatchObject({ content: 'STOP' });
  expect((await client.get('/v1/webhooks/messages')).json['pageData']).toEqual([]);
});
