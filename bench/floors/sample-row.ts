import type { Row, SqlValue } from '../../src/storage/row.ts';
import { messageRow } from '../../src/storage/tables.ts';
import { createIds } from '../../src/system/ids.ts';

const ids = createIds();
const account = ids.next();

export const { columns } = messageRow;

/** The queued messages of one request, as the core inserts them. */
export function sampleRows(count: number): Row[] {
  const submission = ids.next();
  const now = Date.now();
  return Array.from({ length: count }, (_, index) => sampleRow(submission, now, index));
}

function sampleRow(submission: string, now: number, index: number): Row {
  const row: Record<string, SqlValue> = {
    id: ids.next(),
    account_id: account,
    submission_id: submission,
    position: index,
    destination: `+614${String(12_345_678 + index * 10)}`,
    sender: 'CompanyABC',
    text: 'Hello, this is a test message',
    secret: null,
    medium: 'sms',
    encoding: 'gsm7',
    parts: 1,
    price: 1000,
    cost: null,
    client_ref: `tracking${index}`,
    product: null,
    channel: 'mobilemessage',
    product_id: null,
    tags: null,
    simulate: null,
    device: null,
    extras: null,
    flash: 0,
    status: 'queued',
    error: null,
    error_detail: null,
    link_id: 'sandbox',
    priority: 0,
    attempts: 0,
    possibly_doubled: 0,
    due_at: now,
    locked_by: null,
    scheduled_at: null,
    expires_at: now + 259_200_000,
    created_at: now,
    sent_at: null,
    done_at: null,
    hidden_at: null,
  };
  return columns.map((column) => {
    const value = row[column];
    if (value === undefined) throw new Error(`the floor does not know the column ${column}`);
    return value;
  });
}
