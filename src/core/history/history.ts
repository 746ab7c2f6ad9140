import type { Caller } from '../accounts/authenticate.ts';
import type { Reply } from '../delivery/reply.ts';
import type { AccountId, MessageId, ReplyId } from '../ids.ts';
import type { ShortCode } from '../links/code.ts';
import type { Message } from '../messages/message.ts';
import type { Clock } from '../ports/clock.ts';
import type {
  Correspondent,
  CorrespondentSearch,
  Erasure,
  MessageOutline,
  MessageSieve,
  Page,
  Span,
  Storage,
  Tx,
} from '../ports/storage.ts';
import type { Tally, TallySearch } from '../ports/tally-storage.ts';

/** The encrypted text that a message leads to, which its way in remembers. */
export type SealedOf = (message: Message) => ShortCode | null;

const nothingSealed: SealedOf = () => null;

/** So many rows a transaction: what others write must not wait long. */
const erasedAtOnce = 500;
/** Who has more has pages without end. */
const mostCounted = 1_000_000;

/**
 * What an account looks up of its traffic, what it notes of what it received, and what it erases. What was erased is
 * gone from every list of the account's and its text is deleted; that there was a message, and what it cost, stays
 * for the owner's books until its keeping time is over.
 */
export class History {
  readonly #storage: Storage;
  readonly #clock: Clock;

  constructor(parts: { storage: Storage; clock: Clock }) {
    this.#storage = parts.storage;
    this.#clock = parts.clock;
  }

  /** The caller's newest messages that fit. */
  sift({ view }: Caller, sieve: MessageSieve): Promise<Message[]> {
    return this.#storage.read.messages.sift(view.account.id, sieve);
  }

  /** Those of the caller's newest 20 000 messages of a span that came in by the way that he comes by, newest first. */
  outlines({ view, channel }: Caller, created: Partial<Span>): Promise<MessageOutline[]> {
    return this.#storage.read.messages.outlines(view.account.id, { channel, created });
  }

  /** Of each reference the caller's messages that came in by the same way and have exactly it, the oldest first. */
  async ofRefs({ view, channel }: Caller, refs: readonly string[]): Promise<Message[][]> {
    const found = await this.#storage.read.messages.ofRefs(view.account.id, refs);
    return found.map((messages) => messages.filter((one) => one.channel === channel));
  }

  /** What the caller's messages that were accepted in a span came to. */
  tally({ view }: Caller, created: Span): Promise<Tally[]> {
    return this.#storage.read.tallies.ofAccount(view.account.id, created);
  }

  /** The caller's messages that fit, in the order in which they were accepted, and how many there are: a million at most. */
  async page(
    { view }: Caller,
    search: TallySearch & Page,
  ): Promise<{ rows: Message[]; total: number }> {
    const { tallies } = this.#storage.read;
    const { id } = view.account;
    const [rows, total] = await Promise.all([
      tallies.list(id, search),
      tallies.count(id, search, mostCounted),
    ]);
    return { rows, total };
  }

  /** Those of the ids that are the caller's, in no certain order. */
  findReplies({ view }: Caller, ids: readonly ReplyId[]): Promise<Reply[]> {
    return this.#storage.read.replies.find(view.account.id, ids);
  }

  /** Whom the caller has written to, or who has written to him. */
  correspondents(
    { view }: Caller,
    by: 'messages' | 'replies',
    search: CorrespondentSearch,
  ): Promise<Correspondent[]> {
    return this.#storage.read[by].correspondents(view.account.id, search);
  }

  /** Ids that are not the caller's are passed over. */
  async markRead({ view }: Caller, ids: readonly ReplyId[]): Promise<void> {
    const now = this.#clock.now();
    await this.#storage.write((tx) => tx.replies.markRead(view.account.id, ids, now));
  }

  /** @param alias null: none. @returns false when the caller has no such reply. */
  setAlias({ view }: Caller, id: ReplyId, alias: string | null): Promise<boolean> {
    return this.#storage.write((tx) => tx.replies.setAlias(view.account.id, id, alias));
  }

  /**
   * Erases messages and replies of the caller's, and the encrypted texts that they lead to. What still waits for its
   * network is left alone.
   * @returns how many were erased.
   */
  erase(
    { view }: Caller,
    { messages, replies }: { messages: readonly MessageId[]; replies: readonly ReplyId[] },
    sealedOf: SealedOf = nothingSealed,
  ): Promise<number> {
    const now = this.#clock.now();
    const { id } = view.account;
    return this.#storage.write(async (tx) => {
      const erased = await eraseMessages(tx, id, { ids: messages }, now, sealedOf);
      return erased + (await tx.replies.erase(id, { ids: replies }, now));
    });
  }

  /** The same for all that was accepted or received in a span of time. */
  async eraseSpan(
    { view }: Caller,
    span: Span,
    sealedOf: SealedOf = nothingSealed,
  ): Promise<number> {
    const { id } = view.account;
    const which = { span, limit: erasedAtOnce };
    const now = this.#clock.now();
    let erased = 0;
    for (const table of ['messages', 'replies'] as const) {
      let some: number;
      do {
        some = await this.#storage.write((tx) =>
          table === 'messages'
            ? eraseMessages(tx, id, which, now, sealedOf)
            : tx.replies.erase(id, which, now),
        );
        erased += some;
      } while (some === erasedAtOnce);
    }
    return erased;
  }
}

/** @returns how many. */
async function eraseMessages(
  tx: Tx,
  accountId: AccountId,
  which: Erasure<MessageId>,
  now: number,
  sealedOf: SealedOf,
): Promise<number> {
  const erased = await tx.messages.erase(accountId, which, now);
  await tx.sealedTexts.remove(erased.flatMap((message) => sealedOf(message) ?? []));
  return erased.length;
}
