import type { ReceiptNews } from '../../core/ports/transport.ts';
import type { Tlv } from '../../smpp/codec/pdu.ts';
import { tlvNumber, tlvOctets, tlvText } from '../../smpp/codec/tlv.ts';
import { looksLikeReceipt, readReceiptText } from './receipt-text.ts';
import type { SmppSettings } from './settings.ts';

/** What an incoming message is, by bits 2 to 5 of its esm_class (SMPP 3.4, 5.2.12). */
export const kindMask = 0x3c;
const receiptKind = 0x04;
const intermediateKind = 0x20;

export interface Receipt {
  /** As the carrier wrote it. */
  id: string;
  /** Null while it is on its way still: nothing to tell. */
  status: ReceiptNews['status'] | null;
  detail: string | null;
}

/** SMPP 3.4, 5.2.28, and what 5.0 added. */
const statusByState: Record<number, ReceiptNews['status'] | 'under way' | 'unknown'> = {
  0: 'under way', // SCHEDULED
  1: 'under way', // ENROUTE
  2: 'delivered',
  3: 'expired',
  4: 'failed', // DELETED
  5: 'failed', // UNDELIVERABLE
  6: 'under way', // ACCEPTED
  7: 'unknown',
  8: 'rejected',
  9: 'failed', // SKIPPED
};

const statusByStat: Readonly<Record<string, ReceiptNews['status'] | 'under way' | 'unknown'>> = {
  DELIVRD: 'delivered',
  DELIVERED: 'delivered',
  EXPIRED: 'expired',
  DELETED: 'failed',
  UNDELIV: 'failed',
  FAILED: 'failed',
  UNDELIVERABLE: 'failed',
  REJECTD: 'rejected',
  REJECTED: 'rejected',
  SKIPPED: 'failed',
  ACCEPTD: 'under way',
  ACCEPTED: 'under way',
  ENROUTE: 'under way',
  BUFFRED: 'under way',
  SCHEDULED: 'under way',
  UNKNOWN: 'unknown',
};

/**
 * Whether an incoming message is a receipt. One with a `receipted_message_id` is, whatever its
 * esm_class says; one without any mark only by its look, and where the link's settings say so.
 */
export function isReceipt(
  { esmClass, tlvs, text }: { esmClass: number; tlvs: readonly Tlv[]; text: string },
  settings: SmppSettings,
): boolean {
  const kind = esmClass & kindMask;
  if (kind === receiptKind || kind === intermediateKind) return true;
  if (kind !== 0) return false;
  if (tlvText(tlvs, 'receipted_message_id') !== undefined) return true;
  return settings.receipts.unmarked && looksLikeReceipt(text);
}

/**
 * Reads a receipt: its parameters first, and from its text what they do not say.
 * @returns undefined when it names no message.
 */
export function readReceipt(
  { esmClass, tlvs, text }: { esmClass: number; tlvs: readonly Tlv[]; text: string },
  settings: SmppSettings,
): Receipt | undefined {
  const read = readReceiptText(text);
  const id = tlvText(tlvs, 'receipted_message_id') || read?.id;
  if (!id) return undefined;
  if ((esmClass & kindMask) === intermediateKind) return { id, status: null, detail: null };
  const state = tlvNumber(tlvs, 'message_state');
  const meaning =
    (state === undefined ? undefined : statusByState[state]) ??
    (read?.stat ? statusByStat[read.stat] : undefined) ??
    'unknown';
  return { id, status: statusOf(meaning, settings), detail: detailOf(read, state, tlvs) };
}

function statusOf(
  meaning: ReceiptNews['status'] | 'under way' | 'unknown',
  settings: SmppSettings,
): ReceiptNews['status'] | null {
  if (meaning === 'under way') return null;
  if (meaning !== 'unknown') return meaning;
  return settings.receipts.unknown === 'failed' ? 'failed' : null;
}

/** The carrier's own words, such as `UNDELIV err:045`, cut to what a line can hold. */
function detailOf(
  read: ReturnType<typeof readReceiptText>,
  state: number | undefined,
  tlvs: readonly Tlv[],
): string | null {
  const words: string[] = [];
  if (read?.stat) words.push(read.stat);
  else if (state !== undefined) words.push(`state ${state}`);
  const network = tlvOctets(tlvs, 'network_error_code');
  if (read?.err) words.push(`err:${read.err}`);
  else if (network) words.push(`err:${network.readUInt16BE(1)}`);
  return words.length > 0 ? words.join(' ').slice(0, 200) : null;
}
