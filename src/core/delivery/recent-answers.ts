import { BoundedMap } from '../bounded-map.ts';
import type { Message } from '../messages/message.ts';
import type { UpstreamKey } from '../ports/storage.ts';

/** With texts of one part about 10 MB. Beyond it the oldest is read from storage, like all that other nodes sent. */
const mostRemembered = 10_000;

/**
 * What the network has answered a short while ago, by the ids that it gave: most receipts come within seconds, to
 * the node that sent the message, which need not read then what it wrote itself.
 *
 *   expected ──written down──▶ remembered ──receipt; too many──▶ forgotten
 *       └───────not written; of several parts───────────────────────▲
 *
 * It is a memory, not the truth: whoever uses it writes on condition that the row is still as remembered.
 */
export class RecentAnswers {
  readonly #keyed: (id: UpstreamKey) => UpstreamKey;
  /** Bounded by what the lanes have not written down. */
  readonly #expected = new Map<string, Promise<void>>();
  readonly #remembered = new BoundedMap<string, Message>(mostRemembered);

  /** @param keyed names the link that stands for all that share its ids. */
  constructor(keyed: (id: UpstreamKey) => UpstreamKey) {
    this.#keyed = keyed;
  }

  /** An answer that names these ids is being written down. @param written whether or not that succeeds. */
  expect(ids: readonly UpstreamKey[], written: Promise<unknown>): void {
    if (ids.length === 0) return;
    const keys = ids.map((id) => this.#keyOf(id));
    const settled = (): void => {
      for (const key of keys) if (this.#expected.get(key) === done) this.#expected.delete(key);
    };
    const done = written.then(settled, settled);
    for (const key of keys) this.#expected.set(key, done);
  }

  /** Resolves when the answer that names the id is written down, or that failed; undefined when none is expected. */
  expected(id: UpstreamKey): Promise<void> | undefined {
    return this.#expected.size > 0 ? this.#expected.get(this.#keyOf(id)) : undefined;
  }

  /** The message of one part that the network knows by this id, as it was written down when it became `sent`. */
  remember(id: UpstreamKey, message: Message): void {
    this.#remembered.set(this.#keyOf(id), message);
  }

  find(id: UpstreamKey): Message | undefined {
    return this.#remembered.size > 0 ? this.#remembered.get(this.#keyOf(id)) : undefined;
  }

  forget(id: UpstreamKey): void {
    this.#remembered.delete(this.#keyOf(id));
  }

  #keyOf(id: UpstreamKey): string {
    const { linkId, upstreamId } = this.#keyed(id);
    return `${upstreamId}\0${linkId}`;
  }
}
