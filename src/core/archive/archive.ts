import type { ArchiveFileId, NodeId } from '../ids.ts';
import type { ArchiveStore } from '../ports/archive-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Page, Storage } from '../ports/storage.ts';
import type { ArchivedRecord, ArchiveFile, ArchiveSearch } from './archive-file.ts';
import { archiving, eraseIn } from './erase.ts';
import { accountOf, idOf, numberOf, recordOf } from './record.ts';

/** Files that are looked up in one go. */
const filesAtOnce = 100;

/** What has been archived, to be read again, and to be erased. For the owner's tools: accounts see it no more. */
export class Archive {
  readonly #storage: Storage;
  readonly #store: ArchiveStore | undefined;
  readonly #clock: Clock;
  readonly #nodeId: NodeId;

  /** @param parts `store` is undefined where nothing is archived. */
  constructor(parts: {
    storage: Storage;
    store: ArchiveStore | undefined;
    clock: Clock;
    ids: Ids;
  }) {
    this.#storage = parts.storage;
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#nodeId = parts.ids.next();
  }

  /** Files that may hold what is searched, the oldest day first. */
  files(search: ArchiveSearch, page: Page): Promise<ArchiveFile[]> {
    return this.#storage.read.archive.files(search, page);
  }

  findFile(id: ArchiveFileId): Promise<ArchiveFile | undefined> {
    return this.#storage.read.archive.findFile(id);
  }

  /** The lines of a file as they stand there. @throws Error with a sentence for people when it cannot be read. */
  lines(file: ArchiveFile): AsyncIterable<string> {
    return this.#storeOf(file).read(file.name);
  }

  /** All that fits, file by file in the order of days: one line at a time is in memory. @throws Error as `lines`. */
  async *search(search: ArchiveSearch): AsyncGenerator<ArchivedRecord> {
    for await (const file of this.#filesOf(search)) {
      for await (const line of this.lines(file)) {
        if (!mayFit(line, search)) continue;
        const record = recordOf(line);
        if (fits(record, search)) yield record;
      }
    }
  }

  /**
   * Deletes the texts of what fits, as `History.erase` does of what is not archived yet: that there was a message, and
   * what it cost, stays.
   * @returns how many were erased; none that were before.
   * @throws GatewayError `overloaded` while somebody archives, Error as `lines`.
   */
  async erase(search: ArchiveSearch): Promise<number> {
    let erased = 0;
    // What is on its way into a file is in no file of the list, and maybe no longer in its table.
    if (await this.#storage.read.archive.isUnfinished()) throw archiving();
    for await (const file of this.#filesOf(search)) {
      erased += await eraseIn(file, (record) => fits(record, search), {
        storage: this.#storage,
        store: this.#storeOf(file),
        clock: this.#clock,
        nodeId: this.#nodeId,
      });
    }
    return erased;
  }

  async *#filesOf(search: ArchiveSearch): AsyncGenerator<ArchiveFile> {
    for (let offset = 0; ; offset += filesAtOnce) {
      const files = await this.files(search, { limit: filesAtOnce, offset });
      yield* files;
      if (files.length < filesAtOnce) return;
    }
  }

  #storeOf({ name, place }: ArchiveFile): ArchiveStore {
    if (this.#store?.place === place) return this.#store;
    throw new Error(
      `${name} is archived on ${place}, and retention.archive is ${this.#store?.place ?? 'none'}: set it to ${place} to read it.`,
    );
  }
}

/** Most lines are of others: to find a text in them takes a tenth of reading them. */
function mayFit(line: string, { id, accountId, number }: ArchiveSearch): boolean {
  return [id, accountId, number].every((text) => text === undefined || line.includes(text));
}

function fits(record: ArchivedRecord, { id, accountId, number }: ArchiveSearch): boolean {
  return (
    (id === undefined || idOf(record) === id) &&
    (accountId === undefined || accountOf(record) === accountId) &&
    (number === undefined || numberOf(record) === number)
  );
}
