import type { Caller } from '../accounts/authenticate.ts';
import { GatewayError } from '../errors.ts';
import type { SenderKind } from './sender.ts';
import { senderKey } from './sender.ts';

/** A shared address comes last: an answer to it is taken as meant for who wrote there last. */
const order: readonly SenderKind[] = ['dedicated', 'alphanumeric', 'own', 'shared'];

/**
 * The sender of an account that a code to a handset's own number is sent from.
 * @throws GatewayError `invalid_request` when it has none.
 */
export function introducer({ view }: Caller, address: string): string {
  const ordered = [...view.senders.values()].toSorted(
    (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind),
  );
  // A handset that gets a message from itself wonders; where there is no other sender it may.
  const first = ordered.find((one) => senderKey(one.address) !== senderKey(address)) ?? ordered[0];
  if (!first) {
    throw new GatewayError(
      'invalid_request',
      'This account has no sender that a confirmation could be sent from.',
    );
  }
  return first.address;
}
