import type { MessageError } from '../../core/errors.ts';
import type { MessageId } from '../../core/ids.ts';
import { isRepetition } from '../../core/messages/accept.ts';
import type { OutgoingMessage } from '../../core/messages/prepare.ts';
import type { Verdict } from '../../core/messages/submit.ts';
import type { SealedLink } from '../../core/sealed-texts/sealed-texts.ts';
import { formatUtc } from '../../text/instant.ts';
import { formatLocal } from '../../text/time-zone.ts';
import type { DialectContext } from '../dialect.ts';
import type { Call, Handler } from './call.ts';
import { encryptedExtras } from './encrypted.ts';
import { wireErrors, wordsOf } from './errors.ts';
import { guidOf } from './guid.ts';
import type { Asked } from './outgoing.ts';
import { outgoing, readAsked } from './outgoing.ts';
import { trialOf, withinTrial } from './trial.ts';

const day = 86_400_000;

/**
 * `/sendsms/` (seed). What is wrong with the request is refused; what is wrong with the message, or befalls it at once,
 * stands in `result.error` with status 200, and in the log of sent SMS as `error_api`.
 */
export const sendSms: Handler = async (call, context) => {
  const asked = readAsked(call.fields);
  if (!asked.sms) return present(call, context, asked, notSms(asked));
  return present(call, context, asked, await send(call, context, asked));
};

/** What became of a request. */
type Outcome =
  | { ok: true; id: MessageId }
  | { ok: false; error: MessageError; id: MessageId | null };

function notSms({ whatsapp }: Asked): Outcome {
  const detail = whatsapp
    ? 'WhatsApp is not available: this gateway sends SMS only.'
    : 'Nothing was to be sent: sendsms is 0.';
  return { ok: false, error: { code: 'field_invalid', detail }, id: null };
}

function send(call: Call, context: DialectContext, asked: Asked): Promise<Outcome> {
  const { gateway, clock } = context;
  const message = outgoing(asked, call.caller.view, clock.now());
  const refuse = (refusal: MessageError) =>
    submit(context, call, refused(call, asked, message, refusal));
  const refusal = gateway.check(call.caller, message);
  if (refusal) return refuse(refusal);
  return withinTrial(gateway, call, {
    send: () =>
      asked.encrypt ? sendSealed(call, context, asked, message) : submit(context, call, message),
    isSent: ({ ok }) => ok,
    refuse,
  });
}

/** What is refused is kept, for the log, but not in the clear what was to be encrypted. */
function refused(
  { settings }: Call,
  { encrypt }: Asked,
  message: OutgoingMessage,
  refusal: MessageError,
): OutgoingMessage {
  if (!encrypt) return { ...message, refusal };
  return { ...message, refusal, text: settings.encryptedIntro, extras: encryptedExtras(null) };
}

async function sendSealed(
  call: Call,
  context: DialectContext,
  asked: Asked,
  message: OutgoingMessage,
): Promise<Outcome> {
  const { caller, settings } = call;
  const { sealedTexts } = context.gateway;
  const same = { ...message, passphrase: asked.passphrase };
  if (!(await sealedTexts.isNew(caller, same))) {
    return submit(context, call, refused(call, asked, message, isRepetition));
  }
  let sent = false;
  try {
    const link = await sealedTexts.seal(caller, {
      text: asked.text,
      passphrase: asked.passphrase,
      scheduledAt: asked.scheduledAt,
      lifeMs: settings.encryptedDays * day,
      views: settings.encryptedViews,
    });
    const outcome = await submit(context, call, sealed(message, link, settings));
    sent = outcome.ok;
    if (!sent) await sealedTexts.discard(link);
    return outcome;
  } finally {
    if (!sent) await sealedTexts.forget(caller, same);
  }
}

/** The message that leads to the encrypted one. */
function sealed(
  clear: OutgoingMessage,
  { code, url, secret }: SealedLink,
  { encryptedIntro }: Call['settings'],
): OutgoingMessage {
  return {
    ...clear,
    text: encryptedIntro === '' ? url : `${encryptedIntro} ${url}`,
    secret,
    // The link is as short as it can be, and no other may stand for it.
    shorten: false,
    extras: encryptedExtras(code),
  };
}

async function submit(
  { gateway }: DialectContext,
  { caller }: Call,
  message: OutgoingMessage,
): Promise<Outcome> {
  const outcome = await gateway.submit({ caller, messages: [message], refused: 'keep' });
  if (outcome.kind === 'replayed') throw new Error('replayed without an idempotency key');
  const verdict = outcome.result.verdicts[0] as Verdict;
  if (verdict.ok) return { ok: true, id: verdict.message.id };
  return { ok: false, error: verdict.error, id: verdict.message?.id ?? null };
}

/** The answer (seed), its keys always the same. */
async function present(
  { caller, settings }: Call,
  { gateway, clock }: DialectContext,
  asked: Asked,
  outcome: Outcome,
): Promise<object> {
  const now = clock.now();
  const { id, ok } = outcome;
  const words = ok ? null : wordsOf(outcome.error);
  return {
    result: {
      error: ok ? 0 : (wireErrors[outcome.error.code].error ?? words),
      sent: ok ? '1' : 'no',
      id: id && guidOf(id),
      note: words ?? noteOf(asked, now),
      datetime: `${formatUtc(now).replace(' ', 'T')}Z`,
      datetimeLocal: formatLocal(settings.timeZone, now),
      port: asked.port,
      iac_control: ok ? '1' : '0',
      iac_authorized: '1',
      send_with_whatsapp: '0',
      encrypted: { status: ok && asked.encrypt ? '1' : '0' },
      trial_account: await trialOf(gateway, caller, settings),
    },
  };
}

/** The seed has "sent by mobile"; the rest says what a client could not know otherwise. */
function noteOf({ scheduledAt, whatsapp }: Asked, now: number): string {
  const note = scheduledAt !== null && scheduledAt > now ? 'scheduled' : 'sent by mobile';
  return whatsapp ? `${note}; WhatsApp is not available` : note;
}
