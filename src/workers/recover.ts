import type { DeliveryContext } from '../core/delivery/context.ts';

/**
 * For an engine that only one node may serve: whatever another node holds is held by a dead one, and
 * becomes due now instead of when its lease ends. Claims go out again; hand-overs whose answer was
 * lost are settled by the next sweep.
 * @returns how many rows that were.
 */
export async function reclaimLeftovers({
  storage,
  dispatcher,
  clock,
}: DeliveryContext): Promise<number> {
  const now = clock.now();
  return storage.write(async (tx) => {
    const messages = await tx.messages.reclaim(dispatcher.nodeId, now);
    return messages + (await tx.notifications.reclaim(dispatcher.nodeId, now));
  });
}
