import { afterEach, beforeEach, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { ownerActor } from '../audit/entry.ts';
import type { NodeId } from '../ids.ts';
import type { Mail, Mailer } from '../ports/mailer.ts';
import { MailRefused } from '../ports/mailer.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld({ dispatch: false });
});
afterEach(() => world.close());

const [here, there] = ['here', 'there'] as [NodeId, NodeId];
const minute = 60_000;
const hour = 60 * minute;

const invite = (email = 'ann@shop.example') =>
  world.gateway.users.book.invite({ actor: ownerActor, role: 'owner' }, null, {
    email,
    name: 'Ann',
    role: 'viewer',
  });

/** A mailer that fails as long as it is told to. */
function mailer(): Mailer & { sent: Mail[]; tries: number; error: Error | undefined } {
  const self = {
    sent: [] as Mail[],
    tries: 0,
    error: undefined as Error | undefined,
    send: async (mail: Mail) => {
      self.tries++;
      if (self.error) throw self.error;
      self.sent.push(mail);
    },
  };
  return self;
}
const deliver = (by: Mailer, node = here) => world.gateway.users.post.deliver(by, node);

it('a mail is sent once', async () => {
  await invite();
  const by = mailer();
  expect(await deliver(by)).toMatchObject({ tried: 1, failed: [] });
  expect(await deliver(by)).toMatchObject({ tried: 0 });
  await world.clock.advance(24 * hour);
  expect(await deliver(by, there)).toMatchObject({ tried: 0 });
  expect(by.sent.map(({ to }) => to)).toEqual(['ann@shop.example']);
});

it('what nobody takes is tried ever more seldom, and given up after a day', async () => {
  await invite();
  const by = mailer();
  by.error = new Error('the line is broken');
  const start = world.clock.now();
  const minutes: number[] = [];
  let given: string | null | undefined;
  while (given === undefined) {
    const { tried, failed } = await deliver(by);
    if (tried > 0) minutes.push(Math.round((world.clock.now() - start) / minute));
    given = failed[0]?.error;
    await world.clock.advance(minutes.length < 8 ? 10_000 : 10 * minute);
  }
  expect(minutes.slice(0, 8)).toEqual([0, 0, 1, 2, 7, 22, 52, 112]);
  expect(minutes.at(-1)).toBeGreaterThan(22 * 60);
  expect(minutes.at(-1)).toBeLessThanOrEqual(24 * 60);
  expect(given).toBe('the line is broken');
});

it('what is refused for good is not tried again', async () => {
  await invite();
  const by = mailer();
  by.error = new MailRefused('550 no such mailbox');
  const { failed } = await deliver(by);
  expect(failed).toMatchObject([{ status: 'failed', error: '550 no such mailbox', attempts: 1 }]);
  await world.clock.advance(2 * hour);
  expect(await deliver(by)).toMatchObject({ tried: 0 });
});

it('of a node that died in the middle another one takes it over, after its lease', async () => {
  await invite();
  const dying: Mailer = { send: () => new Promise(() => {}) };
  void deliver(dying, here);
  await world.clock.settle();
  const by = mailer();
  expect(await deliver(by, there)).toMatchObject({ tried: 0 });
  await world.clock.advance(5 * minute);
  expect(await deliver(by, there)).toMatchObject({ tried: 1 });
  expect(by.sent).toHaveLength(1);
});

it('nodes share the work', async () => {
  for (let nth = 0; nth < 30; nth++) await invite(`n${nth}@shop.example`);
  const by = mailer();
  const came = await Promise.all([here, there].map((node) => deliver(by, node)));
  expect(came.map(({ tried }) => tried)).toEqual([10, 10]);
  await deliver(by);
  expect(new Set(by.sent.map(({ to }) => to)).size).toBe(30);
  expect(by.sent).toHaveLength(30);
});

it('who was removed, or is active by now, is not written to', async () => {
  const { users } = world.gateway;
  const user = await invite();
  await users.book.remove({ actor: ownerActor, role: 'owner' }, null, user.id);
  const by = mailer();
  expect(await deliver(by)).toMatchObject({ tried: 1, failed: [] });
  expect(by.sent).toEqual([]);
});

it('each try has a link of its own, and all of them are good', async () => {
  await invite();
  const seen: string[] = [];
  const failing: Mailer = {
    send: async ({ text }) => {
      seen.push(/#activation=(\S+)/.exec(text)?.[1] ?? '');
      throw new Error('the answer was lost');
    },
  };
  await deliver(failing);
  await world.clock.advance(minute);
  await deliver(failing);
  expect(new Set(seen).size).toBe(2);
  const { passwords } = world.gateway.users;
  await passwords.activate(seen[0] ?? '', 'a long enough password', '192.0.2.1');
  await expect(
    passwords.activate(seen[1] ?? '', 'a long enough password', '192.0.2.1'),
  ).rejects.toMatchObject({ code: 'not_found' });
});
