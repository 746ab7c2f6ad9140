import type { E164 } from '../../text/phone-number.ts';
import type { Sim, StoredDevice } from './device.ts';
import { mostSims } from './device.ts';
import type { StoredErrand } from './errand.ts';

/** What a phone says of one of its SIMs. */
export interface SimNews {
  slot: number | null;
  sim: number;
  /** Where it says it whole. */
  number: E164 | null;
  /** The last digits of it, where it says no more. */
  ending: string | null;
  carrier: string | null;
}

/**
 * What is known of the SIMs of a phone once it has said something of them. What it says in part (the last digits of
 * a number, a redacted carrier) fills nothing in; but a number that ends otherwise is that of another card.
 */
export function mergeSims(known: readonly Sim[], news: readonly SimNews[]): Sim[] {
  const fits = news.filter(({ sim }) => Number.isInteger(sim) && sim >= 1 && sim <= mostSims);
  const bySim = new Map(fits.map((one) => [one.sim, one]));
  return [...bySim.values()]
    .toSorted((a, b) => a.sim - b.sim)
    .map(({ slot, sim, number, ending, carrier }) => {
      const before = known.find((one) => one.sim === sim);
      const same = ending === null || (before?.number?.endsWith(ending) ?? true);
      return {
        slot: slot ?? before?.slot ?? sim - 1,
        sim,
        number: number ?? (same ? (before?.number ?? null) : null),
        carrier: carrier ?? before?.carrier ?? null,
      };
    });
}

/** The same when a message that came in shows the number of one SIM. */
export function learnNumber(known: readonly Sim[], sim: number, number: E164): Sim[] {
  const others = known.filter((one) => one.sim !== sim);
  const before = known.find((one) => one.sim === sim) ?? { slot: sim - 1, sim, carrier: null };
  return [...others, { ...before, number }].toSorted((a, b) => a.sim - b.sim);
}

/** The SIM of an errand that goes from one phone to another: what its client wished for, or what is set there. */
export function simAt(
  { sim, pinned }: Pick<StoredErrand, 'sim' | 'pinned'>,
  from: Pick<StoredDevice, 'settings'> | undefined,
  to: Pick<StoredDevice, 'settings'>,
): number | null {
  const wished = pinned === 1 || (from !== undefined && fixedSim(from) !== sim);
  return wished && sim !== null ? sim : fixedSim(to);
}

/** The SIM that a phone sends by, where its settings say one. */
export function fixedSim({ settings }: Pick<StoredDevice, 'settings'>): number | null {
  return typeof settings.sims === 'object' ? settings.sims.fixed : null;
}
