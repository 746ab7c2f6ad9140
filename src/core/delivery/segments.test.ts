import { describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { useWorlds } from '../../../test/support/worlds.ts';
import { encodeText } from '../../text/alphabets.ts';
import type { E164 } from '../../text/phone-number.ts';
import type { ReplySegment } from '../ports/transport.ts';

const { setUp } = useWorlds(10);
const handset = '+61412345678' as E164;
const minute = 60_000;

/** Says the segments of texts, under one reference. */
function segmentsOf(world: World, texts: readonly string[], wish: Partial<ReplySegment> = {}) {
  const { alphabet = 'gsm7' } = wish;
  return texts.map(
    (text, index): ReplySegment => ({
      linkId: world.link.id,
      from: handset,
      to: '61400000000',
      reference: 7,
      number: index + 1,
      total: texts.length,
      alphabet,
      octets: encodeText(text, alphabet).toString('base64'),
      at: world.clock.now(),
      ...wish,
    }),
  );
}

const texts = async (world: World) =>
  (await world.storage.read.replies.unowned({ limit: 10, offset: 0 }))
    .map(({ text }) => text)
    .toReversed();
const say = async (world: World, segments: readonly ReplySegment[]) => {
  for (const segment of segments) await world.gateway.segment(segment);
};

describe('a long reply', () => {
  it.each([
    ['in order', [0, 1, 2]],
    ['the last one first', [2, 1, 0]],
    ['mixed', [1, 2, 0]],
    ['some of them twice', [0, 0, 2, 0, 2, 1]],
    ['all of them twice', [0, 1, 2, 0, 1, 2]],
  ])('is one reply when its segments come %s', async (_, order) => {
    const { world } = await setUp();
    const segments = segmentsOf(world, ['One, ', 'two, ', 'three']);
    await say(
      world,
      order.map((at) => segments[at] as ReplySegment),
    );
    expect(await texts(world)).toEqual(['One, two, three']);
  });

  it('is one reply when its segments come at once', async () => {
    const { world } = await setUp();
    const segments = segmentsOf(world, ['One, ', 'two, ', 'three']);
    await Promise.all([...segments, ...segments].map((one) => world.gateway.segment(one)));
    expect(await texts(world)).toEqual(['One, two, three']);
  });

  it('is read as a whole: a pair or an escape may be cut', async () => {
    const { world } = await setUp();
    const emoji = encodeText('😀', 'ucs2');
    const halves = [emoji.subarray(0, 2), emoji.subarray(2)].map((half) => half.toString('base64'));
    const ucs2 = segmentsOf(world, ['', ''], { alphabet: 'ucs2' });
    await say(
      world,
      ucs2.map((one, at) => ({ ...one, octets: halves[at] as string })),
    );
    const gsm7 = segmentsOf(world, ['', ''], { reference: 8 });
    const escaped = ['1b', '65'].map((hex) => Buffer.from(hex, 'hex').toString('base64'));
    await say(
      world,
      gsm7.map((one, at) => ({ ...one, octets: escaped[at] as string })),
    );
    expect(await texts(world)).toEqual(['😀', '€']);
  });

  it('may mix alphabets', async () => {
    const { world } = await setUp();
    const [plain] = segmentsOf(world, ['Hi ', 'x']);
    const [, other] = segmentsOf(world, ['x', '漢'], { alphabet: 'ucs2' });
    await say(world, [other as ReplySegment, plain as ReplySegment]);
    expect(await texts(world)).toEqual(['Hi 漢']);
  });

  it('is delivered as far as it came when a segment stays out', async () => {
    const { world } = await setUp();
    const [first, , third] = segmentsOf(world, ['One, ', 'two, ', 'three']);
    await say(world, [third as ReplySegment, first as ReplySegment]);
    await world.clock.skip(9 * minute);
    await world.clock.advance(1_000);
    expect(await texts(world)).toEqual([]);
    await world.clock.advance(2 * minute);
    expect(await texts(world)).toEqual(['One, three']);
    await world.clock.skip(20 * minute);
    await world.clock.advance(1_000);
    expect(await texts(world)).toHaveLength(1);
  });

  it('has a reference that comes round again', async () => {
    const { world } = await setUp();
    await say(world, segmentsOf(world, ['One, ', 'two']));
    await say(world, segmentsOf(world, ['Three, ', 'four']));
    expect(await texts(world)).toEqual(['One, two', 'Three, four']);
  });

  it.each([
    ['one after the other', false],
    ['at once', true],
  ])('is not mixed with one that stayed incomplete under its reference: %s', async (_, atOnce) => {
    const { world } = await setUp();
    const [lost] = segmentsOf(world, ['AAA1', 'AAA2']);
    const next = segmentsOf(world, ['BBB1', 'BBB2']);
    const all = [lost, lost, ...next, ...next] as ReplySegment[];
    if (atOnce) await Promise.all(all.map((one) => world.gateway.segment(one)));
    else await say(world, all);
    expect(await texts(world)).toEqual(['AAA1', 'BBB1BBB2']);
    await world.clock.skip(20 * minute);
    await world.clock.advance(31_000);
    expect(await texts(world)).toHaveLength(2);
  });

  it('that stays incomplete as well is delivered in its time', async () => {
    const { world } = await setUp();
    const [lost] = segmentsOf(world, ['AAA1', 'AAA2']);
    const [next] = segmentsOf(world, ['BBB1', 'BBB2']);
    await Promise.all([lost, next].map((one) => world.gateway.segment(one as ReplySegment)));
    expect(await texts(world)).toEqual(['AAA1']);
    await world.clock.skip(20 * minute);
    await world.clock.advance(31_000);
    expect(await texts(world)).toEqual(['AAA1', 'BBB1']);
  });

  it('of another handset, number, link or length is another one', async () => {
    const { world } = await setUp();
    const [first] = segmentsOf(world, ['One, ', 'two']);
    const [, second] = segmentsOf(world, ['One, ', 'two'], { from: '+61400000001' as E164 });
    const [, third] = segmentsOf(world, ['One, ', 'two'], { to: '61400000001' });
    await say(world, [first, second, third] as ReplySegment[]);
    expect(await texts(world)).toEqual([]);
  });
});
