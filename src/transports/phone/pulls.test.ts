import { describe, expect, it } from 'vitest';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { Message } from '../../core/messages/message.ts';
import { useStages } from './testkit/stage.ts';

/*
 * What is in the answers to a phone that asks: item 3 of the checklist, where it asks more than once at a time, and
 * where others take back what it was given.
 */

const open = useStages();
const idsOf = (messages: readonly Pick<Message, 'id'>[]) => messages.map(({ id }) => id);

describe('what a phone is given', () => {
  // The app breaks off an answer that is under way whenever it is woken: any of them may be the one that it reads.
  it('is in each of several answers at once', async () => {
    const stage = await open();
    const one = await stage.phone();
    for (let round = 0; round < 12; round++) {
      const message = await stage.sendOne();
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => one.ask('GET', '/message')),
      );
      for (const { status, body } of answers) {
        expect(status).toBe(200);
        expect(idsOf(JSON.parse(body) as Message[]), `round ${round}`).toEqual([message.id]);
      }
      await one.pull();
      await one.work();
    }
  });
});

const hour = 3_600_000;

describe('what is to be taken back', () => {
  it('takes no room in the answers to an app that does not know it, and ends with its time', async () => {
    const stage = await open({ delivery: { validityMs: 2 * hour } });
    const old = await stage.phone({ version: '1.60.2' });
    const caller = await stage.caller();
    const { devices } = stage.world.gateway;
    await devices.change(caller, old.id, { settings: { pace: null } });
    const lost = await stage.send(100);
    // The answer is lost on its way.
    await old.ask('GET', '/message');
    for (const { id } of lost) expect(await devices.cancel(caller, id)).toBe('cancelling');
    const message = await stage.sendOne();
    expect((await old.pull()).map(({ id }) => id)).toEqual([message.id]);
    await old.work();
    await stage.later(2 * hour);
    await stage.world.clock.advance(11_000);
    const [one] = lost as [Message];
    expect(await stage.errand(one)).toMatchObject({
      state: 'failed',
      error: 'The phone did not say whether it took it back.',
    });
    expect(await stage.statusOf(one)).toBe('sent');
    // What it says after all is believed.
    await old.ask('PATCH', '/message', { body: [{ id: one.id, state: 'Delivered' }] });
    expect(await stage.statusOf(one)).toBe('delivered');
  });

  it('is shown to an app that knows it, though it fills the answer', async () => {
    const stage = await open();
    const one = await stage.phone();
    const caller = await stage.caller();
    const { devices } = stage.world.gateway;
    await devices.change(caller, one.id, { settings: { pace: null } });
    const messages = await stage.send(100);
    await one.ask('GET', '/message');
    for (const { id } of messages) await devices.cancel(caller, id);
    const last = await stage.sendOne();
    // It knows none of them, and says so.
    const given = await one.pull('fifo');
    expect(new Set(given.map(({ state }) => state))).toEqual(new Set(['Cancelling']));
    expect((await one.pull()).map(({ id }) => id)).toEqual([last.id]);
    for (const message of messages) expect(await stage.statusOf(message)).toBe('cancelled');
  });
});

describe('what has no text any more', () => {
  it('is not tried again, and takes no room', async () => {
    const stage = await open();
    let tries = 0;
    const one = await stage.phone({
      fate: () =>
        ++tries === 1
          ? { state: 'Failed', error: 'Send result: RESULT_ERROR_NO_SERVICE (4)' }
          : { state: 'Delivered' },
    });
    const message = await stage.sendOne();
    await one.pull();
    // The phone has said that it has it: its account may erase it.
    await one.ask('PATCH', '/message', { body: [{ id: message.id, state: 'Pending' }] });
    const caller = await stage.caller();
    expect(
      await stage.world.gateway.history.erase(caller, { messages: [message.id], replies: [] }),
    ).toBe(1);
    await one.work();
    await stage.later(11 * 60_000);
    expect(await one.pull()).toEqual([]);
    expect(await stage.stored(message)).toMatchObject({
      status: 'failed',
      errorDetail: 'Its text was erased before a phone could send it.',
    });
    expect(await stage.world.gateway.balance(caller)).toBe(100_000_000);
  });
});

describe('a phone that was given something and does not answer', () => {
  it('is woken again after a minute or so', async () => {
    const stage = await open();
    const one = await stage.phone();
    const stream = one.listen(() => {});
    await stream.opened();
    await stage.sendOne();
    await waitUntil('it was woken', () => stream.events.length === 1);
    // What it was given is lost on its way.
    await one.ask('GET', '/message');
    await stage.world.clock.advance(60_000);
    expect(stream.events).toHaveLength(1);
    await stage.world.clock.advance(30_000);
    await waitUntil('it is woken again', () => stream.events.length === 2);
    stream.cut();
  });
});
