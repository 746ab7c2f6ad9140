import { describe, expect, it } from 'vitest';
import type { FakePhone, PhoneState } from '../../../test/peers/phone/phone.ts';
import type { MessageId } from '../../core/ids.ts';
import { useStages } from './testkit/stage.ts';

/*
 * A message that is tried a second time, and what phones say of their tries when it is late; what is taken back of
 * what a phone has.
 */

const open = useStages();
const noService = { state: 'Failed', error: 'Send result: RESULT_ERROR_NO_SERVICE (4)' } as const;

const nameOf = (id: MessageId, attempt: number) =>
  attempt === 1 ? id : `${id.replaceAll('-', '')}-${attempt}`;
const say = (
  phone: FakePhone,
  id: MessageId,
  state: PhoneState,
  { attempt = 1, error, ...more }: { attempt?: number; error?: string; states?: object } = {},
) =>
  phone.ask('PATCH', '/message', {
    body: [{ id: nameOf(id, attempt), state, recipients: [{ state, error }], states: {}, ...more }],
  });

describe('what a phone says late of an earlier attempt', () => {
  /** One phone could not send, it said; another has it now. */
  const setUp = async () => {
    const stage = await open();
    const one = await stage.phone({ fate: () => noService });
    const message = await stage.sendOne();
    const two = await stage.phone();
    // The second comes when the queues are looked at anew.
    await stage.world.clock.advance(1_500);
    await one.pull();
    await one.work();
    const stateOf = async () => (await stage.errand(message))?.state;
    const { statusOf, account, air, phone } = stage;
    return { statusOf, account, air, phone, one, two, message, id: message.id, stateOf };
  };
  const credits = 99_999;

  it.each(['Sent', 'Delivered'] as const)(
    '%s: it is not tried again where nobody was given it',
    async (news) => {
      const { one, two, message, id, statusOf, stateOf, account } = await setUp();
      await say(one, id, news);
      expect(await two.pull()).toEqual([]);
      expect(await stateOf()).toBe(news.toLowerCase());
      expect(await statusOf(message)).toBe(news.toLowerCase());
      await say(one, id, 'Failed', noService);
      await say(one, id, 'Delivered');
      expect(await statusOf(message)).toBe('delivered');
      expect(await account.credits()).toBe(credits);
    },
  );

  it.each(['Sent', 'Delivered'] as const)(
    '%s: it is taken back from who was given it, and has not sent it',
    async (news) => {
      const { one, two, message, id, statusOf, stateOf, account, air } = await setUp();
      await two.pull();
      await say(one, id, news);
      expect(await statusOf(message)).toBe(news.toLowerCase());
      expect(await stateOf()).toBe(news.toLowerCase());
      expect(await two.pull()).toMatchObject([{ id: nameOf(id, 2), state: 'Cancelling' }]);
      // It says so at the next.
      await two.pull();
      await two.work();
      expect(air.sent.size).toBe(0);
      expect(await two.pull()).toEqual([]);
      expect(await stateOf()).toBe(news.toLowerCase());
      // Whatever either of them says again, or worse.
      await say(two, id, 'Cancelled', { attempt: 2 });
      await say(two, id, 'Failed', { attempt: 2, error: 'x' });
      await say(one, id, 'Failed', noService);
      expect(await statusOf(message)).toBe(news.toLowerCase());
      await say(one, id, 'Delivered');
      expect(await statusOf(message)).toBe('delivered');
      expect(await stateOf()).toBe('delivered');
      expect(await account.credits()).toBe(credits);
    },
  );

  it('is told at once to who was given it', async () => {
    const { one, two, id } = await setUp();
    const stream = two.listen(() => {});
    await stream.opened();
    await two.pull();
    await say(one, id, 'Sent');
    await expect
      .poll(() => stream.events)
      .toContainEqual({ event: 'MessageCancelled', data: { messageId: nameOf(id, 2) } });
    stream.cut();
  });

  it.each([
    ['could not send it', noService],
    ['failed with it', { state: 'Failed', error: 'Send result: RESULT_ERROR_GENERIC_FAILURE (1)' }],
  ] as const)('is what counts when the other %s', async (_, { error }) => {
    const { one, two, message, id, statusOf, stateOf, account } = await setUp();
    await two.ask('GET', '/message');
    await say(one, id, 'Sent');
    await say(two, id, 'Failed', { attempt: 2, error });
    expect(await stateOf()).toBe('sent');
    expect(await statusOf(message)).toBe('sent');
    expect(await account.credits()).toBe(credits);
  });

  it('comes too late where the other is sending', async () => {
    const { one, two, message, id, statusOf, stateOf } = await setUp();
    await two.pull();
    await say(two, id, 'Processed', { attempt: 2 });
    await say(one, id, 'Sent');
    expect(await stateOf()).toBe('sent');
    await say(two, id, 'Delivered', { attempt: 2 });
    expect(await statusOf(message)).toBe('delivered');
  });

  it('is passed over where it says nothing that matters, or is somebody else’s', async () => {
    const { one, two, message, id, statusOf, stateOf, phone } = await setUp();
    const third = await phone();
    await say(third, id, 'Delivered');
    await say(one, id, 'Processed');
    await say(one, id, 'Cancelled');
    await say(one, id, 'Delivered', { attempt: 7 });
    expect(await stateOf()).toBe('pending');
    await two.pull();
    await two.work();
    expect(await statusOf(message)).toBe('delivered');
  });
});

describe('a long message that its radio had', () => {
  const long = { text: 'x'.repeat(400) };

  it.each([
    ['was said', undefined],
    ['is said with it', { Processed: '2026-03-01T11:00:00.500+10:00' }],
  ])('is not tried again when that %s: a part of it may have left', async (_, states) => {
    const stage = await open();
    const one = await stage.phone();
    const message = await stage.sendOne(long);
    const two = await stage.phone();
    await stage.world.clock.advance(1_500);
    await one.ask('GET', '/message');
    if (!states) await say(one, message.id, 'Processed');
    await say(one, message.id, 'Failed', { ...noService, ...(states && { states }) });
    expect(await two.pull()).toEqual([]);
    expect(await stage.stored(message)).toMatchObject({
      status: 'failed',
      errorDetail: noService.error,
    });
  });

  it('that its radio never had is', async () => {
    const stage = await open();
    const one = await stage.phone();
    const message = await stage.sendOne(long);
    const two = await stage.phone();
    await stage.world.clock.advance(1_500);
    await one.ask('GET', '/message');
    await say(one, message.id, 'Failed', noService);
    expect(await two.pull()).toHaveLength(1);
  });
});

it('the words of a phone are kept alike everywhere', async () => {
  const { phone, sendOne, errand, stored } = await open();
  const one = await phone();
  const message = await sendOne();
  await one.pull();
  await say(one, message.id, 'Failed', { error: `a\0b${'x'.repeat(396)}👋` });
  const words = `a\ufffdb${'x'.repeat(396)}\ufffd`;
  expect((await errand(message))?.error).toBe(words);
  expect((await stored(message)).errorDetail).toBe(words);
});

describe('what a phone has', () => {
  const setUp = async () => {
    const stage = await open();
    const one = await stage.phone();
    const message = await stage.sendOne();
    await one.ask('GET', '/message');
    const caller = await stage.caller();
    const cancel = () => stage.world.gateway.devices.cancel(caller, message.id);
    const { statusOf, account, air, errand } = stage;
    return { statusOf, account, air, errand, one, message, id: message.id, cancel };
  };

  it('can be taken back as long as its radio has not got it', async () => {
    const { one, message, id, cancel, statusOf, account, air } = await setUp();
    await one.pull();
    await say(one, id, 'Pending');
    expect(await cancel()).toBe('cancelling');
    expect(await one.pull()).toMatchObject([{ id, state: 'Cancelling' }]);
    await one.pull();
    expect(await statusOf(message)).toBe('cancelled');
    await one.work();
    expect(air.sent.size).toBe(0);
    expect(await account.credits()).toBe(100_000);
  });

  it('is sent all the same when it had begun meanwhile', async () => {
    const { one, message, id, cancel, statusOf } = await setUp();
    await one.pull();
    await say(one, id, 'Pending');
    expect(await cancel()).toBe('cancelling');
    await one.work();
    expect(await statusOf(message)).toBe('delivered');
  });

  it('cannot be taken back from its radio, by nobody', async () => {
    const { one, message, id, cancel, statusOf, account, errand } = await setUp();
    await say(one, id, 'Processed');
    expect(await cancel()).toBe('too_late');
    await say(one, id, 'Cancelled');
    expect(await errand(message)).toMatchObject({ state: 'processed' });
    expect(await statusOf(message)).toBe('sent');
    expect(await account.credits()).toBe(99_999);
    await say(one, id, 'Sent');
    expect(await errand(message)).toMatchObject({ state: 'sent' });
  });
});
