import type { SenderRequest } from '../../core/senders/sender-request.ts';
import type { Sender } from '../../core/senders/sender.ts';
import { isUsable } from '../../core/senders/sender.ts';
import { iso } from '../shared/format.ts';

/** A sender for programs. */
export function senderDocument(sender: Sender, now: number) {
  return {
    id: sender.id,
    address: sender.address,
    kind: sender.kind,
    status: statusOf(sender, now),
    label: sender.label,
    metadata: sender.metadata,
    countries: sender.countries,
    reason: sender.reason,
    createdAt: iso(sender.createdAt),
    expiresAt: iso(sender.expiresAt),
  };
}

/** An own number that was proven too long ago is `expired`. */
export function statusOf(sender: Sender, now: number): 'active' | 'expired' {
  return isUsable(sender, now) ? 'active' : 'expired';
}

/** A request for programs, without its code. */
export function requestDocument(request: SenderRequest, account: string) {
  return {
    id: request.id,
    account,
    address: request.address,
    kind: request.kind,
    status: request.status,
    label: request.label,
    countries: request.countries,
    reason: request.reason,
    createdAt: iso(request.createdAt),
    changedAt: iso(request.changedAt),
  };
}
