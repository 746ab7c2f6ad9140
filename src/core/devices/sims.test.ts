import { describe, expect, it } from 'vitest';
import type { E164 } from '../../text/phone-number.ts';
import type { Sim } from './device.ts';
import type { SimNews } from './sims.ts';
import { learnNumber, mergeSims } from './sims.ts';

const number = '+61491570156' as E164;
const known: Sim[] = [{ slot: 0, sim: 1, number, carrier: 'Telstra' }];
const news = (more: Partial<SimNews>): SimNews => ({
  slot: 0,
  sim: 1,
  number: null,
  ending: null,
  carrier: null,
  ...more,
});

describe('what is known of SIMs', () => {
  it.each<[string, Partial<SimNews>, E164 | null]>([
    ['says nothing of its number', {}, number],
    ['shows its end', { ending: '0156' }, number],
    ['shows another end', { ending: '9999' }, null],
    ['shows it whole', { number: '+61491570157' as E164, ending: '0157' }, '+61491570157' as E164],
  ])('a card that %s', (_, more, expected) => {
    expect(mergeSims(known, [news(more)])).toEqual([{ ...known[0], number: expected }]);
  });

  it('cards that are gone are gone, and those that no phone has are none', () => {
    expect(mergeSims(known, [])).toEqual([]);
    expect(mergeSims([], [news({ sim: 0 }), news({ sim: 4 }), news({ sim: 2 })])).toEqual([
      { slot: 0, sim: 2, number: null, carrier: null },
    ]);
  });

  it('a message that comes in tells the number of its card', () => {
    expect(learnNumber([], 2, number)).toEqual([{ slot: 1, sim: 2, number, carrier: null }]);
    const other = '+61491570157' as E164;
    expect(learnNumber(known, 1, other)).toEqual([{ ...known[0], number: other }]);
  });
});
