import type { Device } from '../../core/devices/device.ts';
import type { Errand } from '../../core/devices/errand.ts';
import type { MessageId } from '../../core/ids.ts';
import type { Message } from '../../core/messages/message.ts';
import { formatIso } from '../../text/instant.ts';
import { reasonOf } from './errors.ts';
import type { State } from './states.ts';
import { aggregate, stateOf } from './states.ts';

/** One message of this API: those of the core that it has, one for each recipient. */
export interface Bundle {
  id: string;
  /** At least one. */
  messages: readonly Message[];
  /** What phones have of them. */
  errands: ReadonlyMap<MessageId, Errand>;
}

/** A MessageState (reference §11), its keys in that order. */
export function presentState({ id, messages, errands }: Bundle, { content = false } = {}) {
  const recipients = messages
    .toSorted((a, b) => a.position - b.position)
    .map((message): Recipient => {
      const errand = errands.get(message.id);
      return { message, errand, state: stateOf(message, errand) };
    });
  const state = aggregate(recipients.map((one) => one.state));
  return {
    id,
    deviceId: deviceOf(recipients),
    state,
    isHashed: false,
    isEncrypted: false,
    recipients: recipients.map((one) => ({
      phoneNumber: one.message.destination,
      state: one.state,
      ...(one.state === 'Failed' && { error: reasonOf(one.message) }),
    })),
    states: historyOf(recipients, state),
    ...(content && { textMessage: { text: messages[0]?.text ?? '' } }),
  };
}

interface Recipient {
  message: Message;
  errand: Errand | undefined;
  state: State;
}

/** The phone that has it, or that it is for; empty for what goes another way. */
function deviceOf(recipients: readonly Recipient[]): string {
  const taken = recipients.find(({ errand }) => errand)?.errand?.deviceId;
  return taken ?? recipients[0]?.message.device?.id ?? '';
}

/** When each state on its way was reached, of several recipients by the last of them. */
function historyOf(recipients: readonly Recipient[], now: State): Partial<Record<State, string>> {
  const history: Partial<Record<State, string>> = {};
  for (const [state, at] of Object.entries(reached) as [State, Reached][]) {
    const times = recipients.map(at);
    const last = Math.max(...times.map((one) => one ?? 0));
    const isEnd = state === 'Failed' || state === 'Cancelled';
    if (isEnd ? state === now && last > 0 : times.every((one) => one !== null)) {
      history[state] = formatIso(last);
    }
  }
  return history;
}

type Reached = (recipient: Recipient) => number | null;

/** When a recipient had got so far. What went another way than by a phone was processed when it was sent. */
const reached: Partial<Record<State, Reached>> = {
  Pending: ({ message }) => message.createdAt,
  Cancelled: ({ message, state }) => (state === 'Cancelled' ? message.doneAt : null),
  Processed: ({ message, errand }) =>
    errand ? (errand.processedAt ?? errand.sentAt) : message.sentAt,
  Sent: ({ message, errand }) => (errand ? errand.sentAt : message.sentAt),
  Delivered: ({ message, state }) => (state === 'Delivered' ? message.doneAt : null),
  Failed: ({ message, state }) => (state === 'Failed' ? message.doneAt : null),
};

/** A Device. What was changed last of it is when it was last heard of. */
export function presentDevice({ id, name, label, createdAt, lastSeenAt, sims }: Device) {
  return {
    id,
    name: label ?? name,
    createdAt: formatIso(createdAt),
    updatedAt: formatIso(lastSeenAt),
    lastSeen: formatIso(lastSeenAt),
    simCards: sims.map(({ slot, sim, number, carrier }) => ({
      slotIndex: slot,
      simNumber: sim,
      ...(number !== null && { phoneNumber: number }),
      ...(carrier !== null && { carrierName: carrier }),
    })),
  };
}
