import type { Message } from '../../core/messages/message.ts';
import { inCredits } from '../../core/money.ts';
import { extrasOf } from './extras.ts';
import type { Accepted } from './outgoing.ts';
import { idOf } from './reference.ts';
import { statusOf } from './statuses.ts';
import { timeText } from './times.ts';

/** A number as this API writes it: without its plus sign. */
export function mobile(number: string): string {
  return number.replace(/^\+/, '');
}

/** As the vendor counts a text: by characters, whatever takes several places in memory. */
function lengthOf(text: string): number {
  return [...text].length;
}

/**
 * A row of the answer to a send. It says `AWAITING-DLR` of every message that was taken in, whatever its status will
 * be; of what is no number, and could not be, `INV-NUMBER` at once, since nothing else will ever tell of it.
 */
export function presentAccepted(
  { wanted, verdict }: Accepted,
  place: { group: string; position: number; now: number; zone: string },
) {
  const { message } = verdict;
  const { outgoing, custom } = wanted;
  return {
    id: `${place.group}:${place.position + 1}`,
    mobile: mobile(message?.destination ?? outgoing.to),
    status: message ? 'AWAITING-DLR' : 'INV-NUMBER',
    units: message?.parts ?? 0,
    length: lengthOf(outgoing.text),
    charges: message ? inCredits(message.price) : 0,
    customid: custom ?? '',
    iso_code: null,
    submitted_at: timeText(message?.createdAt ?? place.now, place.zone),
  };
}

/** A row of `sms/status`. */
export function presentMessage(message: Message, zone: string) {
  const { custom = '', custom1 = '', service = '' } = extrasOf(message);
  return {
    id: idOf(message),
    mobile: mobile(message.destination),
    status: statusOf(message),
    units: message.parts,
    service: message.product ?? service,
    length: lengthOf(message.text),
    charges: inCredits(message.price),
    custom,
    custom1,
    location: '',
    provider: '',
    submitted_at: timeText(message.createdAt, zone),
    delivered_at: timeText(message.status === 'delivered' ? message.doneAt : null, zone),
    sender: message.sender,
  };
}
