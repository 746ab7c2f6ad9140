import { describe, expect, it } from 'vitest';
import { useStages } from './testkit/stage.ts';

/* What phones received, as they tell it: nothing in it is trusted to be what a network would carry. */

const open = useStages();
const from = '+61412345678';
/** As much as 255 parts of 153 septets hold. */
const most = 39_015;

const setUp = async () => {
  const stage = await open();
  const one = await stage.phone();
  const replies = async () =>
    stage.world.gateway.replies(await stage.caller(), { limit: 10, offset: 0 });
  return { world: stage.world, one, replies };
};

describe('what a phone received', () => {
  it('is no longer than the longest message', async () => {
    const { one, replies } = await setUp();
    const long = 'x'.repeat(1_000_000);
    expect((await one.receive(from, long, { messageId: 'a' })).status).toBe(200);
    await one.tell('mms:downloaded', { messageId: 'b', sender: from, body: long, receivedAt: '' });
    const item = { id: 'c', type: 'SMS', sender: from, content: long };
    expect((await one.ask('POST', '/inbox', { body: [item] })).status).toBe(201);
    expect((await replies()).map(({ text }) => text.length)).toEqual([most, most, most]);
  });

  it('is cut between two characters', async () => {
    const { one, replies } = await setUp();
    await one.receive(from, `${'x'.repeat(most - 1)}👋👋`);
    expect((await replies()).map(({ text }) => text)).toEqual(['x'.repeat(most - 1)]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['its sender', { sender: `+${'6'.repeat(1_000_000)}` }],
    ['its name', { messageId: 'm'.repeat(257) }],
  ])('is left out where %s is longer than any, and answered', async (_, more) => {
    const { one, replies, world } = await setUp();
    expect((await one.receive(from, 'Yes', more)).status).toBe(200);
    expect(await replies()).toEqual([]);
    expect(world.log.lines.filter((line) => line.includes('left out'))).toHaveLength(1);
  });

  it('has the number it came to unless that is longer than any', async () => {
    const { one, replies } = await setUp();
    await one.receive(from, 'Yes', { recipient: '6'.repeat(100_000) });
    expect(await replies()).toMatchObject([{ to: 'phone', text: 'Yes' }]);
  });

  it('is its account’s also where the clock of the phone is wrong, at our time; the log says so once', async () => {
    const { one, replies, world } = await setUp();
    const days = (count: number) => count * 24 * 3_600_000;
    const seconds = (ms: number) => Math.floor(ms / 1000);
    const minuteAgo = world.clock.now() - 60_000;
    for (const [at, off] of [days(2), days(-400)].entries()) {
      const answer = await one.tell(
        'sms:received',
        {
          messageId: `m-${at}`,
          message: 'Yes',
          sender: from,
          receivedAt: new Date(minuteAgo + off).toISOString(),
        },
        { timestamp: seconds(world.clock.now() + off) },
      );
      expect(answer.status).toBe(200);
    }
    const received = (await replies()).map(({ receivedAt }) => receivedAt);
    expect(received).toHaveLength(2);
    for (const at of received) expect(Math.abs(at - minuteAgo)).toBeLessThan(1_000);
    expect(world.log.lines.filter((line) => line.includes('clock of a phone'))).toHaveLength(1);
  });
});
