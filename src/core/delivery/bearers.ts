import type { Part } from '../messages/message.ts';
import type { Bearer, Tx, UpstreamKey } from '../ports/storage.ts';
import type { Routing } from '../routing/routing.ts';

/*
 * Parts by the ids that the network gave them, whichever link of its carrier they left by. What waits for an id (a
 * receipt that is parked) waits under the first of these links.
 */

type Sharing = Pick<Routing, 'sharingIds'>;

/** The id under the link that stands for all that share it. */
export function keyed<Key extends UpstreamKey>(routing: Sharing, key: Key): Key {
  const [linkId] = routing.sharingIds(key.linkId);
  return linkId === key.linkId ? key : { ...key, linkId };
}

/** For each key the newest part that bears the id. */
export async function newestBearers(
  tx: Tx,
  keys: readonly UpstreamKey[],
  routing: Sharing,
): Promise<(Bearer | undefined)[]> {
  // Nearly always nobody shares: this is on every receipt's way.
  if (keys.every(({ linkId }) => routing.sharingIds(linkId).length === 1)) {
    return tx.parts.byUpstream(keys);
  }
  const found = await underEach(keys, routing, (all) => tx.parts.byUpstream(all));
  return found.map((own) =>
    own
      .flatMap((one) => one ?? [])
      .toSorted((a, b) => b.part.sentAt - a.part.sentAt)
      .at(0),
  );
}

/** For each key the parts that bear the id, newest first. */
export async function bearersOf(
  tx: Tx,
  keys: readonly UpstreamKey[],
  routing: Sharing,
): Promise<Part[][]> {
  const found = await underEach(keys, routing, (all) => tx.parts.allByUpstream(all));
  return found.map((own) => own.flat().toSorted((a, b) => b.sentAt - a.sentAt));
}

/** Looks each id up under each link that shares it. */
async function underEach<Found>(
  keys: readonly UpstreamKey[],
  routing: Sharing,
  look: (keys: readonly UpstreamKey[]) => Promise<Found[]>,
): Promise<Found[][]> {
  const asked = keys.map(({ linkId, upstreamId }) =>
    routing.sharingIds(linkId).map((id) => ({ linkId: id, upstreamId })),
  );
  const found = (await look(asked.flat())).values();
  return asked.map(({ length }) => [...found.take(length)]);
}
