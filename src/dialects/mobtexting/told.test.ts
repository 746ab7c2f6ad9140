import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { Received, WebhookReceiver } from '../../../test/support/webhook-receiver.ts';
import { startReceiver } from '../../../test/support/webhook-receiver.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { LinkId } from '../../core/ids.ts';
import type { E164 } from '../../text/phone-number.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { mobtexting } from './index.ts';
import type { Sent } from './testkit/client.ts';
import { Client, number } from './testkit/client.ts';

let world: World;
let receiver: WebhookReceiver;
let client: Client;
/** What the receiver answers; 200 when there is none left. */
let answers: number[];
beforeEach(async () => {
  answers = [];
  world = await createWorld({ dialects: [mobtexting], notify: true });
  receiver = await startReceiver((_: Received, response: ServerResponse) => {
    response.statusCode = answers.shift() ?? 200;
    response.end();
  });
  client = await Client.of(world);
});
afterEach(async () => {
  await world.close();
  await receiver.close();
});

const hour = 3_600_000;
const seconds = (): string => String(Math.floor(world.clock.now() / 1000));

async function register(more: object = {}): Promise<string> {
  const body = { name: 'shop', uri: receiver.url, secret: 's3cret', ...more };
  const { status, json, body: text } = await client.post('/developer/webhooks', body);
  if (status !== 200) throw new Error(text);
  return (json['data'] as { id: string }).id;
}
async function subscribe(webhook_id: string, event = 'sms:message:status'): Promise<void> {
  const { status, body } = await client.post('/developer/subscriptions', { event, webhook_id });
  if (status !== 200) throw new Error(body);
}
/** Waits for so many requests, and until nothing more is under way. */
async function heard(count: number): Promise<Received[]> {
  await waitUntil(`told ${count} times`, () => receiver.received.length >= count);
  await waitUntil('the tries are written down', async () => {
    const { id } = client.account.account;
    const all = await world.storage.read.notifications.list(id, { limit: 100, offset: 0 });
    return all.every((one) => one.lockedBy === null && one.attempts > 0);
  });
  expect(receiver.received).toHaveLength(count);
  return receiver.received;
}
const said = ({ body }: Received): Record<string, unknown> =>
  JSON.parse(body) as Record<string, unknown>;
async function sent(more: object = {}): Promise<Sent> {
  const before = world.link.sent.length;
  const [row] = await client.sent(more);
  await waitUntil('it is sent', () => world.link.sent.length > before);
  return row as Sent;
}
const delivered = (): Promise<void> => world.link.receipt('delivered', { at: world.clock.now() });

describe('a delivery report', () => {
  it('is told as documented, to the webhook that its message names', async () => {
    const webhook_id = await register();
    const submitted = seconds();
    const long = 'x'.repeat(200);
    const { id } = await sent({ webhook_id, custom: '9882XXXX', message: long });
    await world.clock.advance(30_000);
    for (const part of world.link.sent) {
      await world.link.receipt('delivered', { part, at: world.clock.now() });
    }
    const [told] = await heard(1);
    expect(told?.method).toBe('POST');
    expect(told?.headers).toMatchObject({
      authorization: 'Bearer s3cret',
      'content-type': 'application/json',
    });
    expectSample(told?.body ?? '', readFixture(import.meta.url, 'dlr.json'), {
      'b34e35ad-fe34-4a8b-977c-b21cd76cd7d6:1': id,
      '918921269xxx': number,
      '1701086585': seconds(),
      '1701063180': submitted,
      '1701059582': submitted,
      '2021-04-09 16:27:51': '2026-03-01 05:30:30',
      '2021-04-09 16:27:35': '2026-03-01 05:30:00',
      '2021-04-09 16:27:39': '2026-03-01 05:30:00',
      '1234444XXXX': '9882XXXX',
    });
  });

  it('is told to who has subscribed, once, whatever the message names', async () => {
    const webhook_id = await register({ secret: undefined });
    const other = await register({ uri: `${receiver.url}/other` });
    await subscribe(webhook_id);
    await subscribe(webhook_id);
    await sent({ webhook_id });
    await delivered();
    const [first] = await heard(1);
    expect(first?.headers['authorization']).toBeUndefined();
    await sent({ webhook_id: other });
    await delivered();
    expect(
      (await heard(3))
        .slice(1)
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(['/webhook', '/webhook/other']);
  });

  it.each([
    ['a sender that is not registered', { sender: 'NOBODY' }, 'INV-SENDER'],
    ['a landline', { to: '911123456789' }, 'INV-NUMBER'],
    ['a number that cannot be', { to: '9112' }, 'INV-NUMBER'],
    ['a country that is not allowed', { to: '64211234567' }, 'NOTALLOWED'],
    ['too many parts', { message: 'x'.repeat(200), max_units: 1 }, 'REJ-MULTIPART'],
    ['a call', { service: 'VOC' }, 'INV-PROVISION'],
  ])('tells what was refused: %s', async (_, more, status) => {
    const webhook_id = await register();
    for (const event of ['sms:message:status', 'voice:message:out'])
      await subscribe(webhook_id, event);
    const [row] = await client.sent(more);
    expect(row).toMatchObject({ status: 'AWAITING-DLR', charges: 0 });
    const [told] = await heard(1);
    expect(said(told as Received)).toMatchObject({
      id: row?.id,
      status,
      credits: '0.0000',
      sent_at: '',
    });
    expect((await client.message(row?.id ?? '')).status).toBe(status);
    expect(await client.account.credits()).toBe(1000);
  });

  it('tells want of credit, a repetition and an opt-out', async () => {
    client = await Client.of(world, { credits: 1, duplicateWindowMs: 60_000 });
    const webhook_id = await register();
    const statuses = async (more: object): Promise<string> => {
      const before = receiver.received.length;
      await client.sent({ webhook_id, ...more });
      await waitUntil('it is told', () => receiver.received.length > before);
      return String(said(receiver.received.at(-1) as Received)['status']);
    };
    await sent({ webhook_id });
    await delivered();
    await heard(1);
    expect(await statuses({ message: 'another' })).toBe('NO-CREDITS');
    expect(await statuses({})).toBe('DUPLICATE');
    await world.gateway.optOut(await client.account.caller(), `+${number}` as E164);
    expect(await statuses({ message: 'again' })).toBe('OPTOUT-REJ');
    expect(await client.account.credits()).toBe(0);
  });

  it.each([
    ['failed', 'UNDELIV'],
    ['expired', 'EXPIRED'],
    ['rejected', 'FAILED'],
  ] as const)('tells that the network says %s', async (news, status) => {
    const webhook_id = await register();
    await sent({ webhook_id });
    await world.link.receipt(news, { at: world.clock.now() });
    const [told] = await heard(1);
    expect(said(told as Received)).toMatchObject({ status, credits: '1.0000' });
  });
});

describe('a report that is not heard', () => {
  /** What is refused is told at once: nothing else need go on as time does. */
  const refused = (webhook_id: string) => client.sent({ webhook_id, sender: 'NOBODY' });
  beforeEach(async () => {
    await world.close();
    world = await createWorld({ dialects: [mobtexting], notify: true, dispatch: false });
    client = await Client.of(world);
  });

  it('is tried three times more, half an hour apart, until 200 or 202', async () => {
    answers = [500, 201, 302, 204];
    await refused(await register());
    for (const count of [1, 2, 3, 4]) {
      await heard(count);
      await world.clock.advance(hour / 2 - 1);
      await heard(count);
      await world.clock.advance(1);
    }
    await world.clock.advance(hour);
    await heard(4);
  });

  it('is not told again after 202, nor at all to one that is switched off', async () => {
    answers = [202];
    await refused(await register());
    await refused(await register({ status: 0 }));
    await world.clock.advance(hour);
    await heard(1);
  });
});

describe('other events', () => {
  it('an opt-out', async () => {
    await subscribe(await register(), 'sms:unsubscription');
    await world.gateway.optOut(await client.account.caller(), `+${number}` as E164);
    const [told] = await heard(1);
    const { id } = said(told as Received);
    expectSample(told?.body ?? '', readFixture(import.meta.url, 'unsubscription.json'), {
      uuid: String(id),
      '917002088xxx': number,
      sender: 'all',
      Demo12: '',
      '2023-07-08T12:52:54.000000Z': '2026-03-01T00:00:00.000000Z',
    });
    // By that the API knows it.
    const found = await client.get(`/sms/suppressions/unsubscribers/${String(id)}`);
    expect(found.json['data']).toMatchObject({ id, receiver: number });
  });

  it('a reply', async () => {
    await subscribe(await register(), 'vmn:message:in');
    const { id } = client.account.account;
    await world.gateway.senders.add(id, '+919812345678', { kind: 'dedicated' });
    await world.gateway.recordReply({
      linkId: 'test' as LinkId,
      from: `+${number}` as E164,
      to: '+919812345678',
      text: 'Hello',
      at: world.clock.now(),
      upstreamId: null,
    });
    const [told] = await heard(1);
    expect(said(told as Received)).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      mobile: number,
      receiver: '919812345678',
      message: 'Hello',
      received_at: '2026-03-01 05:30:00',
    });
  });
});

describe('a composed webhook', () => {
  it('is a request of the client’s own making', async () => {
    const webhook_id = await register({
      uri: `${receiver.url}/{{status}}?c={{custom}}`,
      method: 'PUT',
      type: 'form',
      headers: { 'X-Message': '{{id}} {{custom}}' },
      payload: { number: '{{mobile}}', what: '{{status}}, {{ units }}', at: '{{deliv_time}}' },
    });
    const { id } = await sent({ webhook_id, custom: 'a&b é' });
    await delivered();
    const [told] = await heard(1);
    expect(told).toMatchObject({
      method: 'PUT',
      path: '/webhook/DELIVRD?c=a%26b%20%C3%A9',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-message': `${id} a&b é`,
        authorization: 'Bearer s3cret',
      },
      body: `number=${number}&what=DELIVRD%2C+1&at=2026-03-01+05%3A30%3A00`,
    });
  });

  it.each([
    [
      'json',
      '{"nested":{"s":"DELIVRD","units":"1"},"list":["NUMBER",7,null,true,{"DELIVRD":""}],"plain":"x"}',
    ],
    [
      'form',
      'nested%5Bs%5D=DELIVRD&nested%5Bunits%5D=1&list%5B0%5D=NUMBER&list%5B1%5D=7&list%5B2%5D=&list%5B3%5D=true' +
        '&list%5B4%5D%5BDELIVRD%5D=&plain=x',
    ],
  ])('has places wherever a text is in its body, as %s', async (type, body) => {
    const payload = {
      nested: { s: '{{status}}', units: '{{units}}' },
      list: ['{{mobile}}', 7, null, true, { '{{status}}': '{{custom}}' }],
      plain: 'x',
    };
    await sent({ webhook_id: await register({ type, payload }) });
    await delivered();
    const [told] = await heard(1);
    expect(told?.body).toBe(body.replace('NUMBER', number));
  });

  it('by GET has no body, and in JSON texts are texts', async () => {
    const get = await register({ uri: `${receiver.url}?s={{status}}`, method: 'GET' });
    await sent({ webhook_id: get });
    await delivered();
    const json = await register({ payload: { what: '"{{custom}}"' } });
    await heard(1);
    await sent({ webhook_id: json, custom: 'a"b' });
    await delivered();
    const [first, second] = await heard(2);
    expect(first).toMatchObject({ method: 'GET', path: '/webhook?s=DELIVRD', body: '' });
    expect(second?.body).toBe(JSON.stringify({ what: '"a"b"' }));
  });
});
