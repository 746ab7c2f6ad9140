import type { AccountId, LinkId, SubmissionId } from '../../src/core/ids.ts';
import type { Message } from '../../src/core/messages/message.ts';
import { fromCredits } from '../../src/core/money.ts';
import type { Row } from '../../src/storage/row.ts';
import { messageRow } from '../../src/storage/tables.ts';
import { createIds } from '../../src/system/ids.ts';
import type { E164 } from '../../src/text/phone-number.ts';

const ids = createIds();
const account: AccountId = ids.next();

export const { columns } = messageRow;

/** The queued messages of one request, as the core inserts them. */
export function sampleRows(count: number): Row[] {
  const submission: SubmissionId = ids.next();
  const now = Date.now();
  return Array.from({ length: count }, (_, index) =>
    messageRow.encode(sample(submission, now, index)),
  );
}

function sample(submissionId: SubmissionId, now: number, index: number): Message {
  return {
    id: ids.next(),
    accountId: account,
    submissionId,
    position: index,
    destination: `+614${String(12_345_678 + index * 10)}` as E164,
    sender: 'CompanyABC',
    text: 'Hello, this is a test message',
    secret: null,
    medium: 'sms',
    encoding: 'gsm7',
    parts: 1,
    price: fromCredits(1),
    cost: null,
    clientRef: `tracking${index}`,
    product: null,
    productId: null,
    channel: 'mobilemessage',
    tags: null,
    simulate: null,
    device: null,
    flash: 0,
    extras: null,
    status: 'queued',
    error: null,
    errorDetail: null,
    linkId: 'sandbox' as LinkId,
    priority: 0,
    upstreamId: null,
    attempts: 0,
    possiblyDoubled: 0,
    dueAt: now,
    lockedBy: null,
    scheduledAt: null,
    expiresAt: now + 259_200_000,
    createdAt: now,
    sentAt: null,
    doneAt: null,
    hiddenAt: null,
  };
}
