import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MessageId } from '../core/ids.ts';
import type { Notification, NotificationAttempt } from '../core/notifications/notification.ts';
import { submitText } from '../../test/support/submit.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import type { WebhookReceiver } from '../../test/support/webhook-receiver.ts';
import { startReceiver } from '../../test/support/webhook-receiver.ts';
import type { World } from '../../test/support/world.ts';
import { createWorld } from '../../test/support/world.ts';
import type { WorldAccount } from '../../test/support/world-account.ts';

const minute = 60_000;
/** The document: a first try and "up to 5 times, with a 1-minute delay between each retry". */
const documentedTries = [1, 2, 3, 4, 5, 6];

let world: World;
const receivers: WebhookReceiver[] = [];

beforeEach(async () => {
  world = await createWorld({ notify: true });
});
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
  await world.close();
});

/** A receiver of its own host name, so that it is another host than its neighbours. */
async function receiver(answer?: (response: ServerResponse) => void): Promise<WebhookReceiver> {
  const made = await startReceiver(answer && ((_, response) => answer(response)));
  receivers.push(made);
  return made;
}

async function accountTelling(url: string): Promise<WorldAccount> {
  return world.account({ endpoints: { status: url } });
}

/** Sends a message and lets the network deliver it: one notification comes of that. */
async function deliverOne(account: WorldAccount): Promise<MessageId> {
  const { id } = await submitText(world, account);
  await waitUntil('the hand-over', () => world.link.sent.some((part) => part.messageId === id));
  const part = world.link.sent.find((one) => one.messageId === id);
  await world.link.receipt('delivered', { part, at: world.clock.now() });
  return id;
}

function notificationsOf(account: WorldAccount): Promise<Notification[]> {
  const page = { limit: 100, offset: 0 };
  return world.storage.read.notifications.list(account.account.id, page);
}

async function triesOf(account: WorldAccount): Promise<NotificationAttempt[]> {
  const { read } = world.storage;
  const list = await notificationsOf(account);
  return (await Promise.all(list.map((one) => read.notifications.attempts(one.id)))).flat();
}

async function statusesOf(account: WorldAccount): Promise<string[]> {
  return (await notificationsOf(account)).map((one) => one.status);
}

describe('a webhook receiver that does not do its work', () => {
  const bad = [
    { name: 'is down', url: async () => 'http://127.0.0.1:1/webhook', expected: /connect/ },
    {
      name: 'takes 6 seconds',
      url: async () =>
        (
          await receiver((response) => {
            setTimeout(() => response.end(), 6_000).unref();
          })
        ).url,
      expected: /timeout/,
    },
    {
      name: 'redirects',
      url: async () =>
        (
          await receiver((response) =>
            response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
          )
        ).url,
      status: 302,
    },
    {
      name: 'answers 500',
      url: async () => (await receiver((response) => response.writeHead(500).end('broken'))).url,
      status: 500,
    },
    {
      name: 'answers 204, which is not 200',
      url: async () => (await receiver((response) => response.writeHead(204).end())).url,
      status: 204,
    },
    {
      name: 'answers garbage',
      url: async () => (await receiver((response) => response.socket?.end('no HTTP\r\n\r\n'))).url,
      expected: /protocol|reset/,
    },
    {
      name: 'is at a private address',
      url: async () => 'http://10.1.2.3/',
      expected: /address_refused/,
    },
  ] as const;

  it('gets exactly the documented tries, a minute apart, and delays nobody else', {
    timeout: 120_000,
  }, async () => {
    const accounts = await Promise.all(bad.map(async (one) => accountTelling(await one.url())));
    const good = await receiver();
    const healthy = await accountTelling(good.url);

    for (const account of accounts) await deliverOne(account);
    for (let i = 0; i < 50; i++) await deliverOne(healthy);
    await waitUntil('the healthy one has heard it all', () => good.received.length === 50);
    // The slow one's first try is still under way, until its time-out: nobody waited for it.
    expect(await triesOf(accounts[1] as WorldAccount)).toEqual([]);

    // Time goes on a second at a time, and stands while a try is under way.
    const atRest = async (): Promise<boolean> => {
      const lists = await Promise.all(accounts.map(notificationsOf));
      return lists.flat().every((one) => one.lockedBy === null);
    };
    for (;;) {
      await waitUntil('no try is under way', atRest);
      const lists = await Promise.all(accounts.map(notificationsOf));
      const waiting = lists.flat().filter((one) => one.status === 'pending');
      if (waiting.length === 0) break;
      // What lies between the tries is passed over; around each it goes second by second.
      const rest = Math.min(...waiting.map((one) => one.dueAt)) - world.clock.now();
      if (rest > 5_000) await world.clock.skip(rest - 5_000);
      await world.clock.advance(1_000);
    }
    await world.clock.skip(15 * minute);
    await world.clock.advance(2_000);

    for (const [index, account] of accounts.entries()) {
      const one = bad[index] as (typeof bad)[number];
      const tries = await triesOf(account);
      expect(
        tries.map((t) => t.number),
        one.name,
      ).toEqual(documentedTries);
      expect(await statusesOf(account), one.name).toEqual(['failed']);
      for (const each of tries) {
        if ('status' in one) expect(each.status, one.name).toBe(one.status);
        else expect(each.detail, one.name).toMatch(one.expected);
      }
      const ends = tries.map((t) => t.at + t.durationMs);
      const gaps = ends.slice(1).map((end, i) => end - (ends[i] as number));
      for (const gap of gaps) {
        expect(gap, one.name).toBeGreaterThanOrEqual(minute);
        expect(gap, one.name).toBeLessThanOrEqual(minute + 2_000);
      }
    }
  });

  it('gets no further tries for saying what not every storage can hold', async () => {
    const odd = await receiver((response) => response.writeHead(500).end('bro\0ken'));
    const account = await accountTelling(odd.url);
    await deliverOne(account);
    for (const number of documentedTries) {
      await waitUntil(
        `try ${number} is written down`,
        async () => (await triesOf(account)).length === number,
        5_000,
      );
      await world.clock.advance(minute + 1_000);
    }
    expect(await statusesOf(account)).toEqual(['failed']);
    expect(odd.received.length).toBe(documentedTries.length);
    for (const { detail } of await triesOf(account)) expect(detail).toMatch(/^bro[\0\uFFFD]ken$/);
  });

  it('is heard again at the next try, and told no further', async () => {
    let healthy = false;
    const shaky = await receiver((response) => response.writeHead(healthy ? 200 : 503).end());
    const account = await accountTelling(shaky.url);
    await deliverOne(account);
    await waitUntil('the first try', async () => (await triesOf(account)).length === 1);
    healthy = true;
    await world.clock.advance(minute + 1_000);
    await waitUntil('the second try', async () => (await statusesOf(account))[0] === 'delivered');
    await world.clock.skip(10 * minute);
    await world.clock.advance(2_000);
    expect(shaky.received.length).toBe(2);
    expect(shaky.received[0]?.body).toBe(shaky.received[1]?.body);
  });

  it('may ask for more time, which it gets', async () => {
    const busy = await receiver((response) =>
      response.writeHead(429, { 'retry-after': '300' }).end(),
    );
    const account = await accountTelling(busy.url);
    await deliverOne(account);
    await waitUntil('the first try', async () => (await triesOf(account)).length === 1);
    await world.clock.skip(4 * minute);
    await world.clock.advance(2_000);
    expect(busy.received.length).toBe(1);
    await world.clock.advance(minute + 2_000);
    await waitUntil('the second try', () => busy.received.length === 2);
  });

  it('is left alone for good once it answers 410', async () => {
    const gone = await receiver((response) => response.writeHead(410).end());
    const account = await accountTelling(gone.url);
    await deliverOne(account);
    await waitUntil('the end', async () => (await statusesOf(account))[0] === 'failed');
    await waitUntil('the endpoint is off', async () => {
      const [endpoint] = await world.storage.read.endpoints.ofAccount(account.account.id);
      return endpoint?.disabledAt !== null;
    });
    await deliverOne(account);
    await world.clock.skip(10 * minute);
    await world.clock.advance(2_000);
    expect(gone.received.length).toBe(1);
  });
});

describe('one host behind many endpoints', () => {
  it('that hangs holds up nobody else, however much waits for it', {
    timeout: 60_000,
  }, async () => {
    const hanging = await receiver(() => {});
    const hung: WorldAccount[] = [];
    for (let i = 0; i < 10; i++) {
      const account = await accountTelling(`${hanging.url}/${i}`);
      hung.push(account);
      // Together: none of the tries may run into its time-out before all is looked at.
      await Promise.all(Array.from({ length: 30 }, () => deliverOne(account)));
    }
    const good = await receiver();
    const healthy = await accountTelling(good.url);
    for (let i = 0; i < 20; i++) await deliverOne(healthy);
    await world.clock.advance(3_000);
    await waitUntil('the healthy one has heard it all', () => good.received.length === 20);
    // None of the tries at the other host has ended.
    expect((await Promise.all(hung.map(triesOf))).flat()).toEqual([]);
    // And it never has more than its share of connections.
    expect(hanging.received.length).toBeLessThanOrEqual(16);
  });
});
