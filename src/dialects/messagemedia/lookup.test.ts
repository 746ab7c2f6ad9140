import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { submitText } from '../../../test/support/submit.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { Client } from './testkit/client.ts';

let world: World;
let client: Client;
beforeEach(async () => {
  world = await createWorld({ routes: [{ media: ['sms', 'mms'], links: ['test' as never] }] });
  const senders = [{ address: '61491570157', kind: 'shared' } as const, 'CompanyABC'];
  client = new Client(world, await world.account({ dialect: 'messagemedia', senders }));
});
afterEach(() => world.close());

const statusOf = async (id: string) => (await client.message(id)).status;

describe('GET /v1/messages/{messageId}', () => {
  it('has the documented answer', async () => {
    world.link.current = 'down';
    const [sent] = await client.sent({
      callback_url: 'https://my.callback.url.com',
      content: 'My first message!',
      destination_number: '+61401760575',
      delivery_report: true,
      format: 'SMS',
      message_expiry_timestamp: '2026-11-03T11:49:02.807Z',
      metadata: { key1: 'value1', key2: 'value2' },
      scheduled: '2016-11-03T11:49:02.807Z',
      source_number: '+61491570157',
      source_number_type: 'INTERNATIONAL',
    });
    const id = sent?.message_id ?? '';
    const sample = readFixture(import.meta.url, 'lookup.response.json') as object;
    const { body, headers } = await client.get(`/v1/messages/${id}`);
    expect(headers['content-type']).toBe('application/json');
    // An expiry that has passed would have ended it.
    expectSample(
      body,
      { ...sample, message_expiry_timestamp: '2026-11-03T11:49:02.807Z' },
      { '877c19ef-fa2e-4cec-827a-e1df9b5509f7': id },
    );
  });

  it('shows the number that was chosen, and null for what was not asked for', async () => {
    const [sent] = await client.sent({});
    expect(await client.message(sent?.message_id ?? '')).toMatchObject({
      metadata: {},
      callback_url: null,
      delivery_report: false,
      scheduled: null,
      source_number: '+61491570157',
      source_number_type: null,
      message_expiry_timestamp: null,
    });
  });

  it('shows metadata under whatever keys', async () => {
    const metadata = JSON.parse('{"__proto__":"x","constructor":"y","":"z"}') as object;
    const [sent] = await client.sent({ metadata });
    const { body } = await client.get(`/v1/messages/${sent?.message_id}`);
    expect(body).toContain('"metadata":{"__proto__":"x","constructor":"y","":"z"}');
  });

  it('shows pictures and subject of an MMS', async () => {
    const mms = { format: 'MMS', media: ['https://a.example/a.png'], subject: 'A picture' };
    const [sent] = await client.sent(mms);
    expect(await client.message(sent?.message_id ?? '')).toMatchObject(mms);
  });

  it('follows a message on its way', async () => {
    world.link.current = 'down';
    const [sent] = await client.sent({});
    const id = sent?.message_id ?? '';
    expect(await statusOf(id)).toBe('enroute');
    world.link.current = 'up';
    await world.clock.advance(60_000);
    const part = await client.submitted(sent);
    await world.link.receipt('delivered', { part, at: world.clock.now() });
    expect(await statusOf(id)).toBe('delivered');
  });

  it.each([
    ['failed', 'failed'],
    ['expired', 'expired'],
    ['rejected', 'rejected'],
  ] as const)('calls %s what the network calls so', async (said, expected) => {
    const [sent] = await client.sent({});
    const part = await client.submitted(sent);
    await world.link.receipt(said, { part, at: world.clock.now() });
    expect(await statusOf(sent?.message_id ?? '')).toBe(expected);
  });

  it.each([
    [{ kind: 'refused', code: 'refused_by_link', detail: 'inner words' }, 'rejected'],
    [{ kind: 'unknown', detail: 'inner words' }, 'failed'],
  ] as const)('of a hand-over that ended as %j', async (answer, expected) => {
    world.link.answers.push(answer);
    const [sent] = await client.sent({});
    const id = sent?.message_id ?? '';
    await waitUntil('it ended', async () => (await statusOf(id)) === expected);
    expect((await client.get(`/v1/messages/${id}`)).body).not.toContain('inner words');
  });

  it('finds what came in by another way', async () => {
    const { id } = await submitText(world, client.account, 'by hand');
    expect(await client.message(id)).toMatchObject({ content: 'by hand', metadata: {} });
  });

  it('does not mind how an id is written', async () => {
    const [sent] = await client.sent({});
    const { status } = await client.get(`/v1/messages/${sent?.message_id.toUpperCase()}/`);
    expect(status).toBe(200);
  });

  it.each([
    '00000000-0000-0000-0000-000000000000',
    '877c19ef-fa2e-4cec-827a-e1df9b5509f7',
    'INVALID%20MESSAGE%20ID',
    '1',
    '%00',
    '%F0%9F%91%8D',
    'x'.repeat(300),
  ])('has a 404 for %s', async (id) => {
    const { status, body } = await client.get(`/v1/messages/${id}`);
    expect({ status, body }).toEqual({ status: 404, body: '{"message":"Resource not found."}' });
  });
});
