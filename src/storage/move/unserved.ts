import type { NodeRecord } from '../../core/ports/storage.ts';
import { StorageRefused } from '../refused.ts';

/** How long after its last heartbeat a node counts as serving. */
const ALIVE_MS = 60_000;

/**
 * @param nodes of the database that people call `name`.
 * @throws StorageRefused when one of them serves it, or has until a moment ago.
 */
export function requireUnserved(nodes: readonly NodeRecord[], name: string, now: number): void {
  const serving = nodes.filter(({ seenAt }) => seenAt > now - ALIVE_MS);
  if (serving.length === 0) return;
  const names = serving.map((node) => node.name).join(', ');
  throw new StorageRefused(
    `${name} is being served (${names}): stop that first. A node that was killed counts as serving for ` +
      `${ALIVE_MS / 1000} seconds.`,
  );
}
