import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { AccountWish } from '../../../test/support/world-account.ts';
import type { SenderKind } from '../../core/senders/sender.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { Client } from './testkit/client.ts';

const sample = (name: string): unknown => readFixture(import.meta.url, name);
const shared = (address: string) => ({ address, kind: 'shared' }) as const;
const senders = [shared('+61491570157'), shared('+61491570159'), 'CompanyABC'];

let world: World;
let client: Client;
const startWith = async (wish: AccountWish): Promise<void> => {
  client = new Client(world, await world.account({ dialect: 'messagemedia', senders, ...wish }));
};
beforeAll(async () => {
  world = await createWorld({
    routes: [{ media: ['sms', 'mms', 'voice'], links: ['test' as never] }],
  });
});
beforeEach(async () => {
  world.link.current = 'up';
  await startWith({});
});
afterAll(() => world.close());

const post = (body: unknown) => client.ask('POST', '/v1/messages', { body });
const idsIn = (json: object): string[] =>
  (json as { messages: { message_id: string }[] }).messages.map(({ message_id: id }) => id);
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

describe('the documented request', () => {
  it('is answered with what it asked for', async () => {
    const { status, body, json, headers } = await post(sample('send.request.json'));
    expect({ status, type: headers['content-type'] }).toEqual({
      status: 202,
      type: 'application/json',
    });
    const [first = '', second = ''] = idsIn(json);
    for (const id of [first, second]) expect(id).toMatch(uuid);
    expectSample(body, sample('send.response.json'), { '<id 1>': first, '<id 2>': second });
  });

  it('in its shortest form has the defaults', async () => {
    const { body, json } = await post(sample('send-minimal.request.json'));
    expectSample(body, sample('send-minimal.response.json'), { '<id>': idsIn(json)[0] ?? '' });
  });
});

describe('what is sent', () => {
  it('is the text, under the number that was named', async () => {
    const [row] = await client.sent({ content: 'Grüße, 你好 👍', source_number: '61491570159' });
    expect(await client.submitted(row)).toMatchObject({
      destination: '+61491570156',
      sender: '+61491570159',
      text: 'Grüße, 你好 👍',
      medium: 'sms',
      simulate: null,
    });
  });

  it.each([
    ['SMS', 'sms'],
    ['MMS', 'mms'],
    ['TTS', 'voice'],
  ])('with format %s is %s', async (format, medium) => {
    const [row] = await client.sent({ format });
    expect((await client.submitted(row)).medium).toBe(medium);
  });

  const named = (kind: SenderKind, number: number) => ({ address: `+6149157030${number}`, kind });
  it.each([
    [
      'what is set',
      { senders: [named('dedicated', 1), 'Usual'], settings: { defaultSender: 'Usual' } },
      'Usual',
    ],
    [
      'the first dedicated number',
      { senders: ['Name', named('own', 2), named('dedicated', 3)] },
      '+61491570303',
    ],
    [
      'else one of its own',
      { senders: ['Name', named('shared', 4), named('own', 5)] },
      '+61491570305',
    ],
    ['else a shared one', { senders: ['Name', named('shared', 6)] }, '+61491570306'],
    ['else a name', { senders: ['Name', 'Other'] }, 'Name'],
  ])('without a source number shows %s', async (_name, wish, expected) => {
    await startWith(wish);
    const [row] = await client.sent({});
    expect((await client.submitted(row)).sender).toBe(expected);
  });

  it('is only played where the request says so', async () => {
    const rehearse = async (sending_mode: unknown) => {
      const { status, json } = await client.post([{}], { properties: { sending_mode } });
      expect(status).toBe(202);
      const message = await client.message(idsIn(json)[0] ?? '');
      return message.status;
    };
    world.link.current = 'down';
    // The world has no simulator: what is to be played has no way.
    expect(await rehearse('functional_test_delivered')).toBe('failed');
    expect(await rehearse('functional_test_delivery_failed')).toBe('failed');
    for (const real of ['production', 'other', 7, null])
      expect(await rehearse(real)).toBe('enroute');
    expect((await client.post([{}], { properties: 'x', more: [1] })).status).toBe(202);
  });

  it('costs, and what is refused later does not', async () => {
    const before = await client.account.credits();
    await client.sent({}, { content: 'x'.repeat(200) }, { source_number: 'Nobody' });
    expect(before - (await client.account.credits())).toBe(3);
  });
});

describe('a body in other words', () => {
  const echo = async (fields: object) => {
    const [row] = await client.sent(fields);
    return row as Record<string, unknown>;
  };

  it('takes null for what is left out', async () => {
    const names = Object.keys(
      (sample('send.request.json') as { messages: [object] }).messages[0],
    ).filter((name) => !['content', 'destination_number'].includes(name));
    const nothing = Object.fromEntries(
      [...names, 'media', 'subject', 'properties'].map((name) => [name, null]),
    );
    const [plain] = await client.sent({});
    const [nulls] = await client.sent(nothing);
    expect({ ...nulls, message_id: '' }).toEqual({ ...plain, message_id: '' });
  });

  it('passes over what it does not know, at any level', async () => {
    const { status, json } = await client.post(
      [{ message_id: 'mine', status: 'delivered', rich_link: { image: 'x' }, media_type: 1 }],
      { more: {} },
    );
    expect(status).toBe(202);
    expect(json['messages']).toMatchObject([{ status: 'queued' }]);
    expect(idsIn(json)[0]).toMatch(uuid);
  });

  it.each([
    [{ delivery_report: 'true' }, { delivery_report: true }],
    [{ delivery_report: 'False' }, { delivery_report: false }],
    [{ destination_number: 61491570156 }, { destination_number: '61491570156' }],
    [{ content: 5 }, { content: '5' }],
    [{ metadata: { id: 7, paid: true, none: null } }, { metadata: { id: '7', paid: 'true' } }],
    [{ metadata: [] }, { metadata: {} }],
  ])('reads %j', async (fields, expected) => {
    expect(await echo(fields)).toMatchObject(expected);
  });

  it.each([
    ['2030-01-01T00:00:00Z', '2030-01-01T00:00:00.000Z'],
    ['2016-11-03T11:49:02.807Z', '2016-11-03T11:49:02.807Z'],
    ['2026-03-02T10:00:00+10:00', '2026-03-02T00:00:00.000Z'],
    ['2026-03-02T10:00:00.123456789012-0330', '2026-03-02T13:30:00.123Z'],
    ['2026-03-02T10:00:00', '2026-03-02T10:00:00.000Z'],
    ['2026-03-02T10:00:00.5', '2026-03-02T10:00:00.500Z'],
  ])('reads the instant %s', async (written, shown) => {
    expect(await echo({ message_expiry_timestamp: written })).toMatchObject({
      message_expiry_timestamp: shown,
    });
    if (!written.startsWith('2030')) {
      expect(await echo({ scheduled: written })).toMatchObject({
        scheduled: shown,
        status: 'queued',
      });
    }
  });

  it('has room for a full request with every character escaped', async () => {
    const escaped = (length: number): string => '\\u00e9'.repeat(length);
    const pairs = Array.from({ length: 10 }, (_, index) => {
      return `"${index}${escaped(99)}":"${escaped(256)}"`;
    });
    const message = `{"content":"${escaped(5000)}","destination_number":"+61491570156","metadata":{${pairs.join(',')}}}`;
    await startWith({ credits: 100_000 });
    const body = `{"messages":[${Array.from({ length: 100 }, () => message).join(',')}]}`;
    const { status, json } = await post(body);
    expect(status).toBe(202);
    expect(new Set(idsIn(json)).size).toBe(100);
  });
});
