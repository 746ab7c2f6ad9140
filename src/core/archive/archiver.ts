import type { Reply } from '../delivery/reply.ts';
import type { ArchiveFileId, MessageId, NodeId, ReplyId } from '../ids.ts';
import type { ArchiveStretch } from '../ports/archive-storage.ts';
import type { ArchiveStore } from '../ports/archive-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Storage, Tx } from '../ports/storage.ts';
import type { ArchivedKind, ArchivedRecord, ArchiveFile } from './archive-file.ts';
import { archivedKinds, DAY_MS, dayText } from './archive-file.ts';
import { accountOf, idOf, lineOfMessage, lineOfReply, recordOf } from './record.ts';

/** A file is held in memory where its store cannot do otherwise: compressed, a megabyte or some. */
const mostRows = 50_000;
const mostCharacters = 64_000_000;
/** Rows of one go: 2 ms of SQLite to read, 6 ms to delete, in which nothing else is done. */
const rowsAtOnce = 200;
/** Renewed while there is work; what a dead node left is taken up so long after. */
const leaseMs = 120_000;
const renewMs = 30_000;

/** Before these instants something must have ended to be archived. */
export type ArchiveCuts = Readonly<Record<ArchivedKind, number>>;

/** What is thrown when this node must let go of what it was at: it stops, or another one has taken over. */
class LetGo extends Error {}

/** The lease of a file, renewed as time goes on. */
interface Held {
  file: ArchiveFileId | null;
  by: NodeId;
  until: number;
}

/**
 * Moves what has been kept long enough from the tables into files, one file after the other, one node at a time;
 * `archive-file.ts` has the states of a file. Nothing is lost or doubled wherever it breaks off:
 * - the record of a file is on disk before its first byte, so that whoever comes after a crash knows of it;
 * - no row is deleted before the file has been read back, and each only as it stands there: one that has changed
 *   since, because its text was erased or a receipt came late, stays, and goes out of the file;
 * - each attempt has a name of its own, so that a node that was slow to die spoils nothing.
 */
export class Archiver {
  readonly #storage: Storage;
  readonly #store: ArchiveStore;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #nodeId: NodeId;
  readonly #rowsOfAFile: number;
  #stopped = false;

  /** @param parts `rowsOfAFile` is given by tests only. */
  constructor(parts: {
    storage: Storage;
    store: ArchiveStore;
    clock: Clock;
    ids: Ids;
    nodeId: NodeId;
    rowsOfAFile?: number;
  }) {
    this.#storage = parts.storage;
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
    this.#nodeId = parts.nodeId;
    this.#rowsOfAFile = parts.rowsOfAFile ?? mostRows;
  }

  /** What is under way breaks off at the next page, and is taken up again by whoever comes. */
  stop(): void {
    this.#stopped = true;
  }

  /**
   * Finishes the file that is not kept yet, or else makes the next one.
   * @returns false when there is nothing to do, or another node does it.
   * @throws Error of the store, GatewayError as the storage.
   */
  async round(cuts: ArchiveCuts): Promise<boolean> {
    if (this.#stopped) return false;
    const now = this.#clock.now();
    const held: Held = { file: null, by: this.#nodeId, until: now + leaseMs };
    const lease = { nodeId: held.by, now, until: held.until };
    const left = await this.#storage.write((tx) => tx.archive.claim(lease));
    if (left === 'busy') return false;
    if (left) held.file = left.id;
    try {
      if (left) await this.#takeUp(left, held);
      else {
        const file = await this.#begin(cuts, held);
        if (!file) return false;
        await this.#settle(await this.#write(file, cuts, held), held);
      }
      return true;
    } catch (error) {
      await this.#release(held);
      if (error instanceof LetGo) return false;
      throw error;
    }
  }

  async #takeUp(file: ArchiveFile, held: Held): Promise<void> {
    if (file.place !== this.#store.place) {
      throw new Error(
        `the file ${file.name} was begun on ${file.place}, and retention.archive is ${this.#store.place} now: set it back until that file is finished`,
      );
    }
    if (file.state === 'written') return this.#settle(file, held);
    await this.#store.remove(file.name);
    await this.#storage.write((tx) => tx.archive.forget(file.id, held));
  }

  async #begin(cuts: ArchiveCuts, held: Held): Promise<ArchiveFile | undefined> {
    const now = this.#clock.now();
    for (const kind of archivedKinds) {
      const first = await this.#storage.read.archive.firstDue(kind, wholeDay(cuts[kind]));
      if (first === undefined) continue;
      const day = dayOf(first);
      const id = this.#ids.next<ArchiveFileId>();
      const file: ArchiveFile = {
        id,
        kind,
        day,
        name: `${dayText(day)}/${kind}-${id}.ndjson.gz`,
        place: this.#store.place,
        state: 'writing',
        ...nothing,
        createdAt: now,
        lockedBy: held.by,
        dueAt: held.until,
      };
      const begun = await this.#storage.write((tx) => tx.archive.begin(file));
      if (!begun) return undefined;
      held.file = id;
      return file;
    }
    return undefined;
  }

  /** writing → written */
  async #write(file: ArchiveFile, cuts: ArchiveCuts, held: Held): Promise<ArchiveFile> {
    const sum = new Sum();
    const bytes = await this.#store.write(file.name, this.#stored(file, cuts, sum, held));
    const written = { ...file, ...sum.total, bytes, state: 'written' as const };
    await this.#save(written, held);
    return written;
  }

  /** What goes into a file, line by line. */
  async *#stored(
    { kind, day }: ArchiveFile,
    cuts: ArchiveCuts,
    sum: Sum,
    held: Held,
  ): AsyncGenerator<string> {
    const stretch: ArchiveStretch = {
      cut: wholeDay(cuts[kind]),
      after: '',
      before: firstIdOfDay(day + 1),
      limit: rowsAtOnce,
    };
    let characters = 0;
    while (sum.total.rows < this.#rowsOfAFile && characters < mostCharacters) {
      await this.#renew(held);
      const limit = Math.min(rowsAtOnce, this.#rowsOfAFile - sum.total.rows);
      const lines = await this.#page(kind, { ...stretch, limit });
      for (const { id, accountId, line } of lines) {
        sum.add(id, accountId);
        characters += line.length;
        yield line;
      }
      const last = lines.at(-1);
      if (!last || lines.length < limit) return;
      stretch.after = last.id;
      await turn();
    }
  }

  async #page(kind: ArchivedKind, stretch: ArchiveStretch) {
    const { archive } = this.#storage.read;
    if (kind === 'messages') {
      return (await archive.messages(stretch)).map(({ message, parts }) => ({
        id: message.id as string,
        accountId: message.accountId as string,
        line: lineOfMessage(message, parts),
      }));
    }
    return (await archive.replies(stretch)).map((reply) => ({
      id: reply.id as string,
      accountId: reply.accountId ?? '',
      line: lineOfReply(reply),
    }));
  }

  /** written → kept: reads the file back, and deletes what stands in it. */
  async #settle(file: ArchiveFile, held: Held): Promise<void> {
    const changed = new Set<string>();
    const settle = async (lines: readonly string[]) => {
      await this.#renew(held);
      const records = lines.map((line) => ({ line, record: recordOf(line) }));
      const left = await this.#storage.write((tx) => removeAsArchived(tx, file.kind, records));
      for (const id of left) changed.add(id);
      await turn();
    };
    let page: string[] = [];
    for await (const line of this.#store.read(file.name)) {
      page.push(line);
      if (page.length < rowsAtOnce) continue;
      await settle(page);
      page = [];
    }
    if (page.length > 0) await settle(page);

    const sum = new Sum();
    const rest = this.#without(file, changed, sum, held);
    let { bytes } = file;
    if (changed.size > 0) bytes = await this.#store.write(file.name, rest);
    const kept: ArchiveFile = {
      ...file,
      ...(changed.size > 0 && { ...sum.total, bytes }),
      state: 'kept',
      lockedBy: null,
    };
    if (kept.rows > 0) return this.#save(kept, held);
    await this.#store.remove(file.name);
    await this.#storage.write((tx) => tx.archive.forget(file.id, held));
  }

  /** The lines of a file, but those of some rows. */
  async *#without(
    { name }: ArchiveFile,
    ids: ReadonlySet<string>,
    sum: Sum,
    held: Held,
  ): AsyncGenerator<string> {
    for await (const line of this.#store.read(name)) {
      const record = recordOf(line);
      const id = idOf(record);
      if (ids.has(id)) continue;
      if (sum.total.rows % rowsAtOnce === 0) await this.#renew(held);
      sum.add(id, accountOf(record) ?? '');
      yield line;
    }
  }

  async #save(file: ArchiveFile, held: Held): Promise<void> {
    const dueAt = file.lockedBy === null ? file.dueAt : held.until;
    const saved = await this.#storage.write((tx) => tx.archive.save({ ...file, dueAt }, held));
    if (!saved) throw new LetGo(`${file.name} is another node's`);
  }

  /** Between two pages: is it still ours, and are we to go on? */
  async #renew(held: Held): Promise<void> {
    if (this.#stopped) throw new LetGo('this node stops');
    const now = this.#clock.now();
    if (held.until - now > leaseMs - renewMs) return;
    const until = now + leaseMs;
    if (!(await this.#hand(held, { by: held.by, until }))) {
      throw new LetGo('another node has taken over');
    }
    held.until = until;
  }

  /** What this node holds may be taken at once: by itself in the next round, or by another. */
  async #release(held: Held): Promise<void> {
    // Storage may be what failed: then the lease ends by itself.
    await this.#hand(held, { by: null, until: this.#clock.now() }).catch(() => {});
  }

  async #hand({ file, ...held }: Held, to: { by: NodeId | null; until: number }): Promise<boolean> {
    return file === null || this.#storage.write((tx) => tx.archive.hand(file, held, to));
  }
}

/**
 * Deletes the rows of these lines that are stored as they stand there.
 * @returns the ids of those that are stored otherwise. What is not stored at all is gone already.
 */
async function removeAsArchived(
  tx: Tx,
  kind: ArchivedKind,
  archived: readonly { line: string; record: ArchivedRecord }[],
): Promise<string[]> {
  const now =
    kind === 'messages' ? await messagesNow(tx, archived) : await repliesNow(tx, archived);
  const same: string[] = [];
  const changed: string[] = [];
  for (const { line, record } of archived) {
    const id = idOf(record);
    const stored = now.get(id);
    if (stored === undefined) continue;
    (stored === line ? same : changed).push(id);
  }
  if (kind === 'messages') await tx.archive.removeMessages(same as MessageId[]);
  else await tx.archive.removeReplies(same as ReplyId[]);
  return changed;
}

async function messagesNow(tx: Tx, archived: readonly { record: ArchivedRecord }[]) {
  const ids = archived.map(({ record }) => idOf(record) as MessageId);
  const messages = await tx.messages.lock(ids);
  const parts = Map.groupBy(
    await tx.parts.ofMessages(messages.map(({ id }) => id)),
    ({ messageId }) => messageId,
  );
  return new Map<string, string>(
    messages.map((message) => [message.id, lineOfMessage(message, parts.get(message.id) ?? [])]),
  );
}

async function repliesNow(tx: Tx, archived: readonly { record: ArchivedRecord }[]) {
  const replies: Reply[] = await tx.archive.lockReplies(
    archived.map(({ record }) => idOf(record) as ReplyId),
  );
  return new Map<string, string>(replies.map((reply) => [reply.id, lineOfReply(reply)]));
}

const nothing = { rows: 0, bytes: 0, firstId: null, lastId: null, accounts: {} } as const;

/** What a file holds, added up line by line. */
class Sum {
  readonly total: {
    rows: number;
    firstId: string | null;
    lastId: string | null;
    accounts: Record<string, number>;
  } = { rows: 0, firstId: null, lastId: null, accounts: {} };

  add(id: string, accountId: string): void {
    const { total } = this;
    total.rows += 1;
    total.firstId ??= id;
    total.lastId = id;
    total.accounts[accountId] = (total.accounts[accountId] ?? 0) + 1;
  }
}

/** A day is archived when all of it is old enough: not minute by minute, in as many files. */
function wholeDay(cut: number): number {
  return Math.floor(cut / DAY_MS) * DAY_MS;
}

/** The day on which a UUID of version 7 was made. */
function dayOf(id: string): number {
  return Math.floor(Number.parseInt(id.slice(0, 13).replace('-', ''), 16) / DAY_MS);
}

/** Sorts before every UUID of version 7 that was made on this day or later. */
function firstIdOfDay(day: number): string {
  const hex = (day * DAY_MS).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

/** An engine in this thread has answered at once: others have a turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
