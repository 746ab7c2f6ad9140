import { GatewayError } from '../errors.ts';
import type { NodeId } from '../ids.ts';
import type { ArchiveStore } from '../ports/archive-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Storage } from '../ports/storage.ts';
import type { ArchivedRecord, ArchiveFile } from './archive-file.ts';
import { lineOfArchived, recordOf } from './record.ts';

/** A file is written anew in a second or two. */
const leaseMs = 120_000;

/**
 * Deletes the texts of what fits in a file, which is written anew as a whole. Meanwhile it is `written`: whoever
 * archives after a crash finds it whole, erased or not.
 * @returns how many that were; none that had no text.
 * @throws GatewayError `overloaded` while somebody archives; Error of the store.
 */
export async function eraseIn(
  file: ArchiveFile,
  fits: (record: ArchivedRecord) => boolean,
  {
    storage,
    store,
    clock,
    nodeId,
  }: { storage: Storage; store: ArchiveStore; clock: Clock; nodeId: NodeId },
): Promise<number> {
  const concerned = (record: ArchivedRecord) => textOf(record) !== '' && fits(record);
  let count = 0;
  for await (const line of store.read(file.name)) if (concerned(recordOf(line))) count += 1;
  if (count === 0) return 0;

  const now = clock.now();
  const until = now + leaseMs;
  const held = { by: nodeId, until };
  const begun: ArchiveFile = { ...file, state: 'written', lockedBy: nodeId, dueAt: until };
  if (!(await storage.write((tx) => tx.archive.reopen(begun)))) {
    throw archiving();
  }
  const keep = (bytes: number) =>
    storage.write((tx) => tx.archive.save({ ...file, bytes, dueAt: until }, held));
  try {
    await keep(await store.write(file.name, erased(store.read(file.name), concerned, now)));
  } catch (error) {
    // It is whole as it was: nobody has to wait until the lease ends. Where storage is what failed, it ends by itself.
    await keep(file.bytes).catch(() => {});
    throw error;
  }
  return count;
}

/** Somebody archives. */
export function archiving(): GatewayError {
  return new GatewayError('overloaded', 'The archive is being written: try again in a minute.', {
    retryAfterMs: 60_000,
  });
}

async function* erased(
  lines: AsyncIterable<string>,
  concerned: (record: ArchivedRecord) => boolean,
  now: number,
): AsyncGenerator<string> {
  for await (const line of lines) {
    const record = recordOf(line);
    yield concerned(record) ? lineOfArchived(withoutText(record, now)) : line;
  }
}

function textOf(record: ArchivedRecord): string {
  return record.kind === 'messages' ? record.message.text : record.reply.text;
}

function withoutText(record: ArchivedRecord, now: number): ArchivedRecord {
  return record.kind === 'messages'
    ? { ...record, message: { ...record.message, text: '', hiddenAt: now } }
    : { ...record, reply: { ...record.reply, text: '', hiddenAt: now } };
}
