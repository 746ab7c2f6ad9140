import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formDialect } from '../../../test/support/form-dialect.ts';
import { submitText, submitTexts } from '../../../test/support/submit.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { NotificationId } from '../ids.ts';
import type { NotificationForm } from '../ports/notifier.ts';
import { cutsAt } from '../../storage/testkit/fixtures.ts';

/** Tells accepted messages and replies to who asks, and accepted messages at a URL of each message's own. */
const form: NotificationForm = {
  name: 'polls',
  standing: [
    { topic: 'news', via: 'poll' },
    { topic: 'each', via: 'request' },
  ],
  wants: ({ type }, { topic }) =>
    type === 'message.accepted' || (topic === 'news' && type === 'reply.received'),
  urlOf: (event) => ('message' in event ? `http://${event.message.id}.example/` : ''),
  render: () => ({ method: 'POST', url: '', headers: {}, body: '' }),
  policy: () => ({ succeeded: () => true, timeoutMs: 1000, retryDelaysMs: [] }),
};

let world: World;
let account: WorldAccount;
beforeEach(async () => {
  world = await createWorld({ dialects: [formDialect(form)] });
  account = await world.account({ dialect: 'polls' });
});
afterEach(() => world.close());

const news = { form: 'polls', topic: 'news' };
async function polled(limit = 100, who = account) {
  return world.gateway.polled(await who.caller(), { ...news, limit });
}
async function confirm(ids: readonly string[], who = account) {
  const caller = await who.caller();
  await world.gateway.confirm(caller, { ...news, ids: ids as NotificationId[] });
}

describe('who asks for what happened', () => {
  it('hears it, the oldest first, until he confirms it', async () => {
    for (const text of ['one', 'two', 'three']) {
      await submitText(world, account, text);
      await world.clock.advance(10);
    }
    const first = await polled(2);
    expect(first.map(({ event }) => 'message' in event && event.message.text)).toEqual([
      'one',
      'two',
    ]);
    expect(await polled(2)).toEqual(first);
    await confirm(first.map(({ id }) => id));
    expect(await polled()).toHaveLength(1);
    expect((await world.gateway.replayNotifications(first.map(({ id }) => id))) > 0).toBe(true);
    expect(await polled()).toHaveLength(3);
  });

  it('confirms nothing that is not his, and nothing that is not there', async () => {
    await submitText(world, account);
    const stranger = await world.account({ dialect: 'polls' });
    const [one] = await polled();
    await confirm([one?.id ?? ''], stranger);
    await confirm(['nothing', '00000000-0000-0000-0000-000000000000']);
    await confirm([]);
    expect(await polled()).toHaveLength(1);
    expect(await polled(100, stranger)).toEqual([]);
  });

  it('knows a thing by the same id as who is told of it', async () => {
    const message = await submitText(world, account);
    const rows = await world.storage.read.notifications.list(account.account.id, {
      limit: 10,
      offset: 0,
      messageId: message.id,
    });
    const poll = rows.find(({ via }) => via === 'poll');
    const request = rows.find(({ via }) => via === 'request');
    expect(rows).toHaveLength(2);
    expect(poll?.id).toBe(request?.event.id);
    expect(poll?.event.id).toBe(poll?.id);
    expect(request?.id).not.toBe(poll?.id);
  });

  it('hears a reply with what it answers', async () => {
    const [message] = await submitTexts(world, account, ['ask'], null, {});
    await world.gateway.reply({
      linkId: world.link.id,
      from: message?.destination as never,
      to: 'CompanyABC',
      text: 'Yes',
      at: world.clock.now(),
      upstreamId: null,
    });
    const reply = (await polled()).find(({ event }) => event.type === 'reply.received');
    expect(reply?.event).toMatchObject({
      reply: {
        text: 'Yes',
        original: {
          id: message?.id,
          text: 'ask',
          sender: 'CompanyABC',
          createdAt: message?.createdAt,
        },
      },
    });
  });

  it('is not waited for for ever', async () => {
    await submitText(world, account);
    const now = world.clock.now();
    const cuts = { ...cutsAt(0), unconfirmed: now + 1 };
    expect(await world.storage.write((tx) => tx.retain(cuts, 100))).toBe(1);
    expect(await polled()).toEqual([]);
  });

  it('is not counted among who could not be told', async () => {
    await submitText(world, account);
    const counts = await world.storage.read.notifications.counts();
    expect(counts.find(({ status }) => status === 'pending')?.count).toBe(1);
  });
});

describe('what a form has for every account', () => {
  it('is there with the first credential, and once', async () => {
    const { owner } = world.gateway;
    const wanted = { dialect: 'polls', kind: 'hmac' as const, username: 'key', secret: 's' };
    await Promise.all([
      owner.standIn(account.account.id, 'polls'),
      owner.issueCredential(account.account.id, wanted),
    ]);
    const held = await world.storage.read.endpoints.ofAccount(account.account.id);
    expect(held.map(({ topic, via, url }) => `${topic} ${via} ${url}`).toSorted()).toEqual([
      'each request ',
      'news poll ',
    ]);
  });

  it('is there for a sub-account that is acted for', async () => {
    const parent = await account.caller();
    const child = await world.gateway.owner.createAccount({
      ...account.account,
      name: 'child',
      parentId: account.account.id,
    });
    const caller = await world.gateway.subAccount({ ...parent, channel: 'polls' }, 'child');
    expect(caller?.view.account.id).toBe(child.id);
    expect(caller?.view.endpoints).toHaveLength(2);
  });
});

describe('a sub-account', () => {
  it('is acted for by its own parent alone, while it is active', async () => {
    const { owner } = world.gateway;
    const parent = { ...(await account.caller()), channel: 'polls' };
    const stranger = { ...(await (await world.account({ dialect: 'polls' })).caller()) };
    const wanted = { ...account.account, parentId: account.account.id };
    const child = await owner.createAccount({ ...wanted, name: 'child' });
    expect(await world.gateway.subAccount(stranger, 'child')).toBeUndefined();
    expect(await world.gateway.subAccount(parent, account.account.name)).toBeUndefined();
    expect(await world.gateway.subAccount(parent, 'nobody')).toBeUndefined();
    expect(await world.gateway.subAccount(parent, 'child')).toBeDefined();
    await owner.updateAccount({ ...child, status: 'suspended' });
    expect(await world.gateway.subAccount(parent, 'child')).toBeUndefined();
  });
});
