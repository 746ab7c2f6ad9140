import { describe, expect, it } from 'vitest';
import type { EndpointId } from '../core/ids.ts';
import { HostQueues } from './host-queues.ts';

const [one, two] = ['one', 'two'] as [EndpointId, EndpointId];

/** Lines whose runs end when they are told to. */
function lines({ least = 2, longest = 10 } = {}) {
  const underWay: { item: string; end(quick: boolean): Promise<void> }[] = [];
  const queues = new HostQueues<string>(
    (item) =>
      new Promise((resolve) => {
        const end = async (quick: boolean): Promise<void> => {
          underWay.splice(underWay.indexOf(run), 1);
          resolve(quick);
          await new Promise(setImmediate);
        };
        const run = { item, end };
        underWay.push(run);
      }),
    () => {},
    { atOnce: { least, most: 4 }, longest },
  );
  return { queues, underWay };
}

describe('an endpoint that points to several hosts', () => {
  it('is busy as long as one of them has a long line, whichever it was told at last', async () => {
    const { queues, underWay } = lines();
    for (let i = 0; i < 6; i++) queues.push('dead', one, `dead ${i}`);
    queues.push('quick', one, 'quick');
    queues.push('other', two, 'other');
    expect(queues.busyEndpoints()).toEqual([one]);
    while (underWay.length > 0) await underWay[0]?.end(false);
    expect(queues.busyEndpoints()).toEqual([]);
  });

  it('keeps none of its hosts waiting behind another one’s line', () => {
    const { queues, underWay } = lines();
    for (let i = 0; i < 12; i++) queues.push('dead', one, `dead ${i}`);
    expect(queues.add('dead', one, 'too many')).toBe(false);
    expect(queues.add('quick', one, 'quick')).toBe(true);
    expect(underWay.map(({ item }) => item)).toContain('quick');
  });

  it('does not remember hosts that have no line', async () => {
    const { queues, underWay } = lines();
    for (let i = 0; i < 1_000; i++) {
      queues.push(`host ${i}`, one, 'x');
      await underWay[0]?.end(true);
    }
    for (let i = 0; i < 6; i++) queues.push('host 7', one, 'y');
    expect(queues.busyEndpoints()).toEqual([one]);
  });
});

describe('a host', () => {
  it('has no room again until all older items are in its line', async () => {
    const { queues, underWay } = lines({ longest: 3 });
    for (let i = 0; i < 5; i++) queues.push('host', one, `${i}`);
    expect(queues.hasRoom('host')).toBe(false);
    await underWay[0]?.end(false);
    await underWay[0]?.end(false);
    expect(queues.hasRoom('host')).toBe(false);
    queues.caughtUp([one]);
    expect(queues.hasRoom('host')).toBe(false);
    queues.caughtUp([two]);
    expect(queues.hasRoom('host')).toBe(true);
    expect(queues.hasRoom('another')).toBe(true);
  });
});
