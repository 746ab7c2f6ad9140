import { z } from 'zod';
import type { Medium } from '../../core/messages/medium.ts';
import { inCredits } from '../../core/money.ts';
import type { DialectContext } from '../dialect.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import { extrasOf, storedExtras } from './extras.ts';
import { noService } from './finance.ts';
import type { Wanted } from './outgoing.ts';
import { longestText, outgoing, sendFields, submitAll } from './outgoing.ts';
import { mobile } from './present.ts';
import { productFor } from './products.ts';
import { numbersOf, recipient } from './recipients.ts';
import { idOf } from './reference.ts';
import { invalid, optional, read, required } from './schema.ts';
import { resourceTime, timeText } from './times.ts';

const mostChannels = 10;

const unified = z.object({
  channels: z
    .array(
      z.object({
        name: required(20),
        from: required(64),
        recipient,
        meta: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .min(1)
    .max(mostChannels),
  recipient,
  message: z.object({ type: optional(20), payload: z.record(z.string(), z.unknown()) }),
});
type Unified = z.infer<typeof unified>;
type Channel = Unified['channels'][number];

/** Channels as they are called, and what carries them. */
const mediumOf: Readonly<Record<string, Medium>> = {
  sms: 'sms',
  voice: 'voice',
  whatsapp: 'whatsapp',
  rcs: 'rcs',
  viber: 'viber',
};

/**
 * `POST sms/message/send`, and likewise of WhatsApp, RCS and Viber: each channel to its own recipients, or to those
 * of all. What a message is made of beside its text cannot be carried by any link yet, so only texts are taken.
 */
const send =
  (own: string): Handler =>
  async (call, context) => {
    const asked = read(unified, call.input);
    const text = textOf(asked);
    const wanted: Wanted[] = [];
    for (const [nth, channel] of asked.channels.entries()) {
      const place = { asked, text, at: `channels.${nth}.`, own };
      wanted.push(...(await wantedOf(channel, place, call, context)));
    }
    const { accepted } = await submitAll(context.gateway, call.caller, wanted);
    const zone = call.settings.timeZone;
    const data = accepted.map(({ wanted: one, verdict }) => {
      const { message } = verdict;
      const medium = one.outgoing.medium ?? 'sms';
      const createdAt = message?.createdAt ?? context.clock.now();
      const isSms = medium === 'sms';
      return {
        id: message ? idOf(message) : null,
        channel: medium,
        from: one.outgoing.sender,
        // The pages of the other channels have other names and times for the same.
        [isSms ? 'to' : 'recipient']: mobile(message?.destination ?? one.outgoing.to),
        credits: message ? inCredits(message.price) : 0,
        created_at: isSms ? timeText(createdAt, zone) : resourceTime(createdAt),
        status: message ? (isSms ? 'AWAITING-DLR' : 'queued') : 'INV-NUMBER',
        foreign_id: one.custom ?? '',
      };
    });
    return { body: { status: 'OK', message: 'Message Queued successfully', data } };
  };

export const unifiedEndpoints: readonly Endpoint[] = [
  'sms',
  'whatsapp',
  'rcs',
  'viber',
  'voice',
].map((channel) => ({ path: `/${channel}/message/send`, methods: { POST: send(channel) } }));

async function wantedOf(
  channel: Channel,
  { asked, text, at, own }: { asked: Unified; text: string; at: string; own: string },
  call: Call,
  context: DialectContext,
): Promise<Wanted[]> {
  const name = channel.name.toLowerCase();
  const medium = mediumOf[name];
  // All are taken where SMS are; elsewhere one channel and SMS beside it.
  if (!medium || (own !== 'sms' && name !== own && name !== 'sms')) {
    throw invalid(`${at}name`, `The selected ${at}name is invalid.`);
  }
  const all = [channel.recipient, asked.recipient];
  const to = await numbersOf(context.gateway, call.caller, all);
  const usual = productFor(call.caller.view, medium);
  const meta = channel.meta ?? {};
  const fields = read(
    sendFields,
    { service: usual?.code, ...meta, sender: channel.from, message: text, to },
    `${at}meta.`,
  );
  const wanted = outgoing(fields, call, { ...context, at: `${at}meta.` });
  return wanted.map(({ outgoing: one, ...more }) => {
    if (one.medium !== medium) throw noService();
    const extras = storedExtras({ ...extrasOf(one), alone: true });
    return { ...more, outgoing: { ...one, extras } };
  });
}

/** The text of `{"type": "text", "payload": {"text": "…"}}`. */
function textOf({ message: { type = 'text', payload } }: Unified): string {
  if (type !== 'text') {
    throw invalid('message.type', `Messages of the type ${type} cannot be carried.`);
  }
  const words = z.object({ text: z.string().min(1).max(longestText) });
  return read(words, payload, 'message.payload.').text;
}
