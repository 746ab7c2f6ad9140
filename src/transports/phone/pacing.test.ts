import { describe, expect, it } from 'vitest';
import type { DeviceSettings } from '../../core/devices/device.ts';
import type { FakePhone } from '../../../test/peers/phone/phone.ts';
import type { PhoneStage } from './testkit/stage.ts';
import { useStages } from './testkit/stage.ts';

const open = useStages();
const minute = 60_000;
const hour = 60 * minute;
const long = 'x'.repeat(161);

const set = async (
  { world, caller }: PhoneStage,
  { id }: FakePhone,
  settings: Partial<DeviceSettings>,
) => {
  const changed = await world.gateway.devices.change(await caller(), id, { settings });
  expect(changed).toMatchObject({ settings });
};
/** It asks, and sends what it is given. */
const turn = async (one: FakePhone) => {
  const given = await one.pull('fifo');
  await one.work();
  return given.length;
};

describe('how much a phone is given', () => {
  it('thirty parts in thirty minutes, unless something else is said', async () => {
    const stage = await open();
    const one = await stage.phone();
    await stage.send(40);
    expect(await turn(one)).toBe(30);
    expect(await turn(one)).toBe(0);
    await stage.later(29 * minute);
    expect(await turn(one)).toBe(0);
    await stage.later(minute);
    expect(await turn(one)).toBe(10);
  });

  it('counts parts, and gives one message however long it is', async () => {
    const stage = await open();
    const one = await stage.phone();
    await set(stage, one, { pace: { parts: 3, minutes: 10 } });
    await stage.send(3, { text: long });
    expect(await turn(one)).toBe(1);
    await stage.later(10 * minute);
    await stage.send(1, { text: long.repeat(5), priority: 9 });
    expect(await turn(one)).toBe(1);
    await stage.later(10 * minute);
    expect(await turn(one)).toBe(1);
  });

  it('so many a day', async () => {
    const stage = await open();
    const one = await stage.phone();
    // The stage begins at midnight, UTC.
    await set(stage, one, { pace: null, dailyParts: 5 });
    await stage.send(8);
    expect(await turn(one)).toBe(5);
    await stage.later(23 * hour);
    expect(await turn(one)).toBe(0);
    await stage.later(hour);
    expect(await turn(one)).toBe(3);
  });

  it('in working hours', async () => {
    const stage = await open();
    const one = await stage.phone();
    await set(stage, one, { hours: { from: 8 * 60, until: 9 * 60, days: [7] } });
    await stage.send(2);
    expect(await turn(one)).toBe(0);
    await stage.later(8 * hour);
    expect(await turn(one)).toBe(2);
  });

  it('is woken when its rest is over', async () => {
    const stage = await open();
    const one = await stage.phone();
    await set(stage, one, { pace: { parts: 1, minutes: 1 } });
    await stage.send(2);
    const stream = one.listen();
    await stream.opened();
    expect(await turn(one)).toBe(1);
    await stage.world.clock.advance(50_000);
    expect(stream.events).toHaveLength(0);
    await stage.world.clock.advance(20_000);
    await expect.poll(() => stream.events.length).toBe(1);
    expect(await turn(one)).toBe(1);
    stream.cut();
  });

  it('shares what there is by how much each has to do, and passes over those that rest', async () => {
    const stage = await open();
    const [one, two] = [await stage.phone(), await stage.phone()];
    await stage.world.clock.advance(1_500);
    await stage.send(20);
    expect([await turn(one), await turn(two)]).toEqual([10, 10]);
    await stage.world.storage.write((tx) =>
      tx.devices.rest([{ id: one.id as never, restUntil: stage.world.clock.now() + hour }]),
    );
    await stage.world.clock.advance(1_500);
    await stage.send(4);
    expect([await turn(one), await turn(two)]).toEqual([0, 4]);
  });
});

describe('by which SIM', () => {
  it.each<
    [string, DeviceSettings['sims'], { id: null; sim: number } | undefined, number | undefined]
  >([
    ['the phone’s choice', 'phone', undefined, undefined],
    ['a fixed one', { fixed: 2 }, undefined, 2],
    ['what the client names', { fixed: 2 }, { id: null, sim: 1 }, 1],
    ['rotation, which the phone does by itself', 'rotation', undefined, undefined],
  ])('%s', async (_, sims, device, expected) => {
    const stage = await open();
    const one = await stage.phone();
    await set(stage, one, { sims });
    await stage.world.clock.advance(1_500);
    await stage.send(1, device ? { device } : {});
    const [given] = await one.pull();
    expect(given?.simNumber).toBe(expected);
  });
});

describe('whose phones', () => {
  it('a client names a phone of his own, and no other', async () => {
    const stage = await open();
    const one = await stage.phone();
    const foreign = await stage.phone({ of: await stage.another() });
    const [mine, theirs] = await stage.submit([
      { device: { id: one.id, sim: null } },
      { device: { id: foreign.id, sim: null } },
    ]);
    expect(mine).toMatchObject({ ok: true });
    expect(theirs).toMatchObject({ ok: false, error: { code: 'field_invalid' } });
  });

  it('an account without one is told so', async () => {
    const stage = await open();
    const [verdict] = await stage.submit([{ sender: 'CompanyABC' }]);
    await stage.world.clock.advance(1_000);
    if (!verdict?.ok) throw new Error('refused at once');
    expect(await stage.stored(verdict.message)).toMatchObject({
      status: 'rejected',
      error: 'refused_by_link',
      errorDetail: 'The account has no phone.',
    });
  });

  it('a removed phone’s untouched messages go to another; what must go by it has failed', async () => {
    const stage = await open();
    const one = await stage.phone();
    const free = await stage.sendOne();
    const bound = await stage.sendOne({ device: { id: one.id, sim: null } });
    const two = await stage.phone();
    await stage.world.gateway.devices.remove(await stage.caller(), one.id);
    await stage.world.clock.advance(12_000);
    expect((await two.pull()).map(({ id }) => id)).toEqual([free.id]);
    expect(await stage.stored(bound)).toMatchObject({
      status: 'failed',
      errorDetail: 'Its phone is not enrolled any more.',
    });
  });

  it('who enrols his phone anew says what it still has', async () => {
    const stage = await open();
    const one = await stage.phone();
    const message = await stage.sendOne();
    await one.pull();
    await stage.world.gateway.devices.remove(await stage.caller(), one.id);
    await one.register(`Bearer ${await stage.enrolmentToken()}`);
    await one.work();
    expect(await stage.statusOf(message)).toBe('delivered');
  });
});
