import { measureText } from '../../text/parts.ts';
import type { DeviceId, LinkId } from '../ids.ts';
import type { OutgoingPart, SendOutcome } from '../ports/transport.ts';
import type { DeviceContext } from './context.ts';
import type { StoredDevice } from './device.ts';
import type { StoredErrand } from './errand.ts';
import { isOver } from './errand.ts';
import { fixedSim } from './sims.ts';

/** A message on its way into a phone's queue: the whole of it, since the phone cuts it by itself. */
export interface Queued {
  part: OutgoingPart;
  linkId: LinkId;
}

/** After its time is over, so long a phone may take to say what became of it. */
const afterExpiryMs = 3_600_000;
/** Where nobody can take it now, it is asked again so often. */
const askAgainMs = 60_000;

/**
 * Puts messages into the queues of phones, many in one transaction. A message that is there already stays as it
 * is, and is accepted: whoever brings it again did not hear the answer.
 *
 *   no phone that may take it          refused, or for the next link where the policy says `elsewhere`
 *   all of them silent                 into the queue of the last that was heard of, or for the next link
 *   the phone that it must go by gone  refused
 *
 * @returns the answer to each.
 */
export async function enqueue(
  context: DeviceContext,
  take: () => readonly Queued[],
): Promise<SendOutcome[]> {
  const { storage, clock } = context.delivery;
  const { outcomes, woken } = await storage.write(async (tx) => {
    const queued = take();
    const known = new Map(
      (await tx.errands.lock(queued.map(({ part }) => part.messageId))).map((errand) => [
        errand.messageId,
        errand,
      ]),
    );
    const fleets = await context.fleet.devicesOf(queued.map(({ part }) => part.accountId));
    const loads = await context.fleet.loads();
    const now = clock.now();
    const fresh: StoredErrand[] = [];
    const answers = queued.map(({ part, linkId }): SendOutcome => {
      const before = known.get(part.messageId);
      if (before) return accepted(before);
      const chosen = choose(part, fleets.get(part.accountId) ?? [], loads, context);
      if ('kind' in chosen) return chosen;
      const errand = newErrand(part, linkId, chosen, now);
      fresh.push(errand);
      return accepted(errand);
    });
    await tx.errands.insert(fresh);
    return { outcomes: answers, woken: new Set(fresh.map(({ deviceId }) => deviceId)) };
  });
  for (const id of woken) context.wakes.tell(id, { kind: 'messages' });
  return outcomes;
}

function accepted({ messageId, state, expiresAt }: StoredErrand): SendOutcome {
  // What the phone has said of it already is not waited for again.
  const nothingMore = state === 'sent' || isOver(state);
  return {
    kind: 'accepted',
    upstreamId: messageId,
    ...(nothingMore ? { noReceipt: true } : { receiptBy: expiresAt + afterExpiryMs }),
  };
}

function choose(
  { device: wanted }: OutgoingPart,
  devices: readonly StoredDevice[],
  loads: Map<DeviceId, number>,
  { fleet, policy }: DeviceContext,
): { device: StoredDevice; pinned: 0 | 1; sim: number | null } | SendOutcome {
  const sim = wanted?.sim ?? null;
  if (wanted && wanted.id !== null) {
    const device = devices.find(({ id }) => id === wanted.id);
    return device ? { device, pinned: 1, sim } : refused('Its phone is not enrolled any more.');
  }
  const device = fleet.choose(devices, loads);
  if (device) return { device, pinned: 0, sim };
  if (policy.whenSilent === 'elsewhere') {
    return {
      kind: 'retryable',
      code: 'link_unavailable',
      again: 'elsewhere',
      detail: devices.length === 0 ? 'The account has no phone.' : 'All its phones are silent.',
      retryAfterMs: askAgainMs,
    };
  }
  return refused('The account has no phone.');
}

function refused(detail: string): SendOutcome {
  return { kind: 'refused', code: 'refused_by_link', detail };
}

function newErrand(
  part: OutgoingPart,
  linkId: LinkId,
  { device, pinned, sim }: { device: StoredDevice; pinned: 0 | 1; sim: number | null },
  now: number,
): StoredErrand {
  return {
    messageId: part.messageId,
    accountId: part.accountId,
    linkId,
    deviceId: device.id,
    pinned,
    sim: sim ?? fixedSim(device),
    parts: measureText(part.wholeText).parts,
    priority: part.priority,
    state: 'waiting',
    attempt: 1,
    tried: [],
    secret: part.secret,
    queuedAt: now,
    pulledAt: null,
    processedAt: null,
    sentAt: null,
    doneAt: null,
    unconfirmed: 0,
    error: null,
    expiresAt: part.expiresAt,
  };
}
