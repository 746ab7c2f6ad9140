import { createHmac } from 'node:crypto';
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
beforeEach(async () => {
  world = await createWorld({ notify: true });
  receiver = await startReceiver();
});
afterEach(async () => {
  await world.close();
  await receiver.close();
});

async function start(edition: '2024' | '2026', more: object = {}): Promise<void> {
  const { url } = receiver;
  const endpoints = { status: url, inbound: url };
  const settings = { edition };
  client = new Client(world, await world.account({ endpoints, settings, ...more }));
}
const at = (): { at: number } => ({ at: world.clock.now() });
const sentParts = (count: number): Promise<void> =>
  waitUntil('it is sent', () => world.link.sent.length === count);
/** What came of the try is written down: from now its next delay counts. */
const settled = (): Promise<void> =>
  waitUntil('the try is written down', async () => {
    const { id } = client.account.account;
    const page = await world.storage.read.notifications.list(id, { limit: 1, offset: 0 });
    return page[0]?.lockedBy === null;
  });
async function heard(count: number): Promise<object[]> {
  await waitUntil('it is told', () => receiver.received.length >= count);
  await world.clock.settle();
  expect(receiver.received).toHaveLength(count);
  return receiver.received.map(({ body }) => JSON.parse(body) as object);
}

describe('status webhooks', () => {
  it('tell one event for a message of several parts in edition 2024', async () => {
    await start('2024');
    const [sent] = (await client.send([{ message: 'x'.repeat(200), custom_ref: 'r' }])).rows;
    await sentParts(2);
    for (const part of world.link.sent) await world.link.receipt('delivered', { part, ...at() });
    expect(await heard(1)).toEqual([
      {
        to: '61412345678',
        message: 'x'.repeat(200),
        sender: 'CompanyABC',
        custom_ref: 'r',
        status: 'delivered',
        message_id: sent?.message_id,
        received_at: '2026-03-01 00:00:00',
      },
    ]);
  });

  it('tell one event for each part in edition 2026', async () => {
    await start('2026');
    await client.send([{ message: 'x'.repeat(200) }]);
    await sentParts(2);
    const [first, second] = world.link.sent;
    await world.link.receipt('failed', { part: second, ...at() });
    await world.link.receipt('delivered', { part: first, ...at() });
    const told = await heard(2);
    expect(told).toContainEqual(
      expect.objectContaining({ status: 'failed', part_number: 2, total_parts: 2 }),
    );
    expect(told).toContainEqual(
      expect.objectContaining({ status: 'delivered', part_number: 1, total_parts: 2 }),
    );
  });

  it.each(['2024', '2026'] as const)(
    'tell one event for a message that the link refuses, edition %s',
    async (edition) => {
      await start(edition);
      world.link.answers.push({ kind: 'refused', code: 'refused_by_link', detail: 'no' });
      await client.send([{}]);
      expect(await heard(1)).toMatchObject([{ status: 'failed' }]);
    },
  );

  it.each(['2024', '2026'] as const)(
    'tell one event for a message that expires in the queue, edition %s',
    async (edition) => {
      await world.close();
      world = await createWorld({ notify: true, delivery: { validityMs: 5_000 } });
      await start(edition);
      world.link.current = 'down';
      await client.send([{}]);
      await world.clock.advance(7_000);
      expect(await heard(1)).toMatchObject([{ status: 'failed' }]);
    },
  );

  it('are signed anew at each try', async () => {
    const answers = [500, 302, 200];
    await receiver.close();
    receiver = await startReceiver((_, response) => {
      response.statusCode = answers.shift() ?? 200;
      response.end();
    });
    await start('2026', { secret: 'abc123' });
    await client.send([{}]);
    await sentParts(1);
    await world.link.receipt('delivered', at());
    await heard(1);
    for (const count of [2, 3]) {
      await settled();
      await world.clock.skip(55_000);
      await world.clock.advance(6_000);
      await heard(count);
    }
    await settled();
    await world.clock.skip(115_000);
    await world.clock.advance(5_000);
    await heard(3);
    const times = receiver.received.map(checkedTime);
    expect(times[1]).toBeGreaterThanOrEqual((times[0] ?? 0) + 60);
    expect(times[2]).toBeGreaterThanOrEqual((times[1] ?? 0) + 60);
  });

  it('are tried six times in all, a minute apart', async () => {
    await receiver.close();
    receiver = await startReceiver((_, response) => {
      response.statusCode = 201;
      response.end();
    });
    await start('2024');
    await client.send([{}]);
    await sentParts(1);
    await world.link.receipt('delivered', at());
    await heard(1);
    await settled();
    for (let count = 2; count <= 6; count++) {
      await world.clock.skip(50_000);
      await world.clock.advance(9_000);
      await heard(count - 1);
      await world.clock.advance(1_000);
      // Due, and found by the next look.
      for (let second = 0; second < 2 && receiver.received.length < count; second++) {
        await world.clock.advance(500);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await heard(count);
      await settled();
    }
    await world.clock.skip(600_000);
    await world.clock.advance(5_000);
    await heard(6);
  });
});

/** When it was signed; fails when the signature is not right. */
function checkedTime({ headers, body }: Received): number {
  const timestamp = String(headers['x-mm-timestamp']);
  const right = createHmac('sha256', 'abc123').update(`${timestamp}.${body}`).digest('hex');
  expect(headers['x-mm-signature']).toBe(right);
  return Number(timestamp);
}

describe('inbound webhooks', () => {
  it('tell what a handset answered, with what it answered to', async () => {
    await start('2026');
    const [sent] = (await client.send([{ sender: 'Mobile MSG', custom_ref: 'r' }])).rows;
    await sentParts(1);
    await world.link.reply('+61412345678', 'Mobile MSG', 'Yes 😀', world.clock.now());
    expect(await heard(1)).toEqual([
      {
        to: 'Mobile MSG',
        message: 'Yes 😀',
        sender: '61412345678',
        received_at: '2026-03-01 00:00:00',
        type: 'inbound',
        original_message_id: sent?.message_id,
        original_custom_ref: 'r',
      },
    ]);
  });

  it('tell nobody of what is not his', async () => {
    await start('2024');
    await world.link.reply('+61412345678', 'Mobile MSG', 'Yes', world.clock.now());
    await world.clock.advance(2_000);
    expect(receiver.received).toEqual([]);
  });
});
