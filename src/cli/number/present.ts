import type { HeldNumber } from '../../core/senders/pool-number.ts';
import { CliError } from '../shared/failure.ts';
import { iso } from '../shared/format.ts';
import type { Session } from '../shared/kit.ts';

/** A number for programs. */
export function numberDocument(number: HeldNumber, account: string | null) {
  return {
    id: number.id,
    number: number.number,
    country: number.country,
    type: number.type,
    classification: number.classification,
    capabilities: number.capabilities,
    availableAfter: iso(number.availableAfter),
    createdAt: iso(number.createdAt),
    account,
  };
}

/** The number of the pool that is written so. @throws CliError when there is none. */
export async function findNumber({ gateway }: Session, written: string): Promise<HeldNumber> {
  const number = await gateway.numbers.findWritten(written);
  if (number) return number;
  throw new CliError(`The pool has no number '${written}': see \`parlance number list\`.`);
}
