import { goesAlone } from '../../core/messages/lone-part.ts';
import type { Message } from '../../core/messages/message.ts';
import type { MessageStatus } from '../../core/messages/status.ts';
import { mayBeHandedOver } from '../../core/messages/status.ts';
import type { Tx } from '../../core/ports/storage.ts';
import type { Insert, Select, Update, WriteSession } from '../engine.ts';
import type { Row } from '../row.ts';
import { messageRow, partRow } from '../tables.ts';

/*
 * What every message passes through. All of it goes by primary key.
 */

const insert: Insert = { table: 'messages', columns: messageRow.columns };

const lock: Select = {
  table: 'messages',
  columns: messageRow.columns,
  key: ['id'],
  lock: 'wait',
};

/** Only what changes in a message's life: an index is rewritten when one of its columns is named here. */
const saved = {
  table: 'messages',
  key: ['id'],
  set: [
    'status',
    'error',
    'error_detail',
    'link_id',
    'cost',
    'attempts',
    'possibly_doubled',
    'due_at',
    'locked_by',
    'sent_at',
    'done_at',
  ],
} as const satisfies Update;

const saveFrom: Update = { ...saved, guard: ['status'] };
const saveHeld: Update = {
  ...saved,
  set: [...saved.set, 'upstream_id'],
  guard: ['status', 'locked_by', 'due_at'],
};

/** What still changes after `sent`: no column of `messages_upstream`, which would be written anew. */
const saveSent: Update = {
  table: 'messages',
  key: ['id'],
  set: ['status', 'error', 'error_detail', 'due_at', 'locked_by', 'done_at'],
  guard: ['status'],
};

const withoutSecret: Update = { table: 'messages', key: ['id'], set: ['secret'] };

const handOver: Update = {
  table: 'messages',
  key: ['id'],
  set: ['status', 'due_at'],
  increment: ['attempts'],
  guard: ['status', 'locked_by', 'due_at'],
};

/** A hand-over that this node tried before without hearing whether it was written. It was. */
const handOverAgain: Update = {
  table: 'messages',
  key: ['id'],
  set: ['due_at'],
  guard: ['status', 'locked_by', 'due_at'],
};

/** The parts of a hand-over. What the network has taken at an earlier one stays as it is. */
const sendingParts: Insert = {
  table: 'parts',
  columns: partRow.columns,
  orUpdate: {
    key: ['message_id', 'number'],
    set: ['link_id', 'upstream_id', 'status', 'error', 'sent_at', 'done_at'],
    where: "parts.status not in ('sent', 'delivered')",
  },
};

const unclaim: Update = {
  table: 'messages',
  key: ['id'],
  set: ['locked_by', 'due_at'],
  guard: ['status', 'locked_by'],
};

type Hot = 'insert' | 'lock' | 'save' | 'claim' | 'handOver' | 'unclaim';

/** Takes a session that writes; gives the messages' part of `Tx` that is on every message's way. */
export function messageWrites({ bulk, claim }: WriteSession): Pick<Tx['messages'], Hot> {
  return {
    async insert(messages) {
      await bulk.insert(insert, messages.map(messageRow.encode));
      const parts: Row[] = [];
      for (const message of messages) {
        if (message.status !== 'sending') continue;
        if (goesAlone(message, message.attempts - 1, message.parts)) continue;
        pushParts(parts, message, message.parts, message.createdAt);
      }
      if (parts.length > 0) await bulk.insert(sendingParts, parts);
    },
    async lock(ids) {
      const rows = await bulk.select(
        lock,
        [...new Set(ids)].map((id) => [id]),
      );
      return rows.flat().map(messageRow.decode);
    },
    async save(messages, { from, held }) {
      const written = held
        ? await bulk.update(
            saveHeld,
            messages.map((message, at) =>
              heldRow(message, [from, held.by, held.until[at] as number]),
            ),
          )
        : from === 'sent'
          ? await bulk.update(saveSent, messages.map(sentRow))
          : await bulk.update(
              saveFrom,
              messages.map((message) => savedRow(message, from)),
            );
      const spent = messages.filter(
        ({ status, secret }, at) => secret !== null && !mayBeHandedOver(status) && written[at],
      );
      if (spent.length > 0) {
        await bulk.update(
          withoutSecret,
          spent.map(({ id }) => [null, id]),
        );
      }
      return written;
    },
    async claim(wanted) {
      return (await claim.messages(wanted)).map(messageRow.decode);
    },
    async handOver(messages, { nodeId, now, answerBy, tried, wireParts }) {
      const changed = await bulk.update(
        handOver,
        messages.map(({ id, dueAt }) => ['sending', answerBy, id, 'queued', nodeId, dueAt]),
      );
      const gone = new Set(messages.flatMap(({ id }, at) => (changed[at] ? id : [])));
      if (tried && tried.size > 0) {
        const doubtful = messages.filter(({ id }) => !gone.has(id) && tried.has(id));
        const again = await bulk.update(
          handOverAgain,
          doubtful.map(({ id }) => [answerBy, id, 'sending', nodeId, tried.get(id) as number]),
        );
        doubtful.forEach(({ id }, at) => again[at] && gone.add(id));
      }
      const parts: Row[] = [];
      for (const message of messages) {
        if (!gone.has(message.id)) continue;
        const count = wireParts?.get(message.id) ?? message.parts;
        if (!goesAlone(message, message.attempts, count)) pushParts(parts, message, count, now);
      }
      if (parts.length > 0) await bulk.insert(sendingParts, parts);
      return gone;
    },
    async unclaim(ids, nodeId, now) {
      await bulk.update(
        unclaim,
        ids.map((id) => [null, now, id, 'queued', nodeId]),
      );
    },
  };
}

function savedRow(message: Message, from: MessageStatus): Row {
  return [...lifeOf(message), message.id, from];
}

function heldRow(message: Message, guard: Row): Row {
  return [...lifeOf(message), message.upstreamId, message.id, ...guard];
}

function sentRow({ id, status, error, errorDetail, dueAt, lockedBy, doneAt }: Message): Row {
  return [status, error, errorDetail, dueAt, lockedBy, doneAt, id, 'sent'];
}

/** In the order of `saved`. */
function lifeOf(message: Message): Row {
  return [
    message.status,
    message.error,
    message.errorDetail,
    message.linkId,
    message.cost,
    message.attempts,
    message.possiblyDoubled,
    message.dueAt,
    message.lockedBy,
    message.sentAt,
    message.doneAt,
  ];
}

function pushParts(rows: Row[], { id, linkId }: Message, parts: number, now: number): void {
  for (let number = 1; number <= parts; number++) {
    rows.push(
      partRow.encode({
        messageId: id,
        number,
        // What was claimed has a link: the claim asks for it.
        linkId: linkId as NonNullable<typeof linkId>,
        upstreamId: null,
        status: 'sending',
        error: null,
        sentAt: now,
        doneAt: null,
      }),
    );
  }
}
