import { z } from 'zod';
import type { Caller } from '../../core/accounts/authenticate.ts';
import type { ContactGroup } from '../../core/contacts/contact.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import type { ContactId } from '../../core/ids.ts';
import { mostNumbers } from './outgoing.ts';
import { invalid, list, missing } from './schema.ts';

/** Whom a message is for: numbers, or segments of the account's contacts. */
export const recipient = z
  .object({ to: list(mostNumbers, 64), group_id: list(10, 64) })
  .partial()
  .optional();
export type Recipient = z.infer<typeof recipient>;

const atOnce = 1_000;

/**
 * The numbers of the first of these that names any.
 * @throws GatewayError `invalid_request` when there is none, for a segment that there is not, and for too many numbers.
 */
export async function numbersOf(
  gateway: Gateway,
  caller: Caller,
  all: readonly Recipient[],
): Promise<readonly string[]> {
  const named = all.find((one) => one?.to !== undefined || one?.group_id !== undefined);
  if (named?.to !== undefined) return named.to;
  if (named?.group_id === undefined) throw missing('recipient.to');
  const numbers: string[] = [];
  for (const id of named.group_id) {
    const group = await segmentOf(gateway, caller, id);
    let after: ContactId | null = null;
    for (;;) {
      const some: { contactId: ContactId; number: string }[] = await gateway.contacts.mobilesOf(
        group,
        after,
        atOnce,
      );
      numbers.push(...some.map(({ number }) => number));
      if (numbers.length > mostNumbers) {
        throw invalid('recipient.group_id', `At most ${mostNumbers} numbers are taken at once.`);
      }
      if (some.length < atOnce) break;
      after = some.at(-1)?.contactId ?? null;
    }
  }
  if (numbers.length === 0) {
    throw invalid('recipient.group_id', 'The selected recipient.group id has no numbers.');
  }
  return numbers;
}

async function segmentOf(gateway: Gateway, caller: Caller, id: string): Promise<ContactGroup> {
  try {
    return await gateway.contacts.group(caller, 'segment', id);
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'not_found') throw error;
    throw invalid('recipient.group_id', 'The selected recipient.group id is invalid.');
  }
}
