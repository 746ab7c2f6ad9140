import { GatewayError } from '../../core/errors.ts';
import type { MessageError } from '../../core/errors.ts';
import { endedBadly } from '../../core/messages/status.ts';
import type { OutgoingMessage } from '../../core/messages/prepare.ts';
import type { Message } from '../../core/messages/message.ts';
import type { DialectContext } from '../dialect.ts';
import type { Call, Handler } from './call.ts';
import { isEncrypted } from './encrypted.ts';
import { wireErrors, wordsOf } from './errors.ts';
import { attemptOf, messageBy, shownGuid } from './lookup.ts';
import { limits } from './outgoing.ts';
import { withinTrial } from './trial.ts';

/**
 * `/resend/` (seed): sends a message again that is in an error status, under the same guid. It is another message, with a
 * price and an end of its own, that takes the place of the first.
 */
export const resend: Handler = async (call, context) => {
  const guid = call.fields.required('guid');
  const message = await messageBy(context.gateway, call.caller, guid);
  if (!message) {
    return refused({ code: 'field_invalid', detail: 'There is no message with this guid.' }, 0);
  }
  const attempt = attemptOf(message) + 1;
  const error = whyNot(message) ?? (await sendAgain(call, context, message, attempt));
  if (error) return refused(error, attempt - 1);
  return { result: { error: '0', sms: 'resent with successfully', attempt } };
};

function refused(error: MessageError, attempt: number): object {
  const words = wordsOf(error);
  return { result: { error: wireErrors[error.code].error ?? words, sms: words, attempt } };
}

function whyNot(message: Message): MessageError | null {
  if (!endedBadly(message.status)) {
    return { code: 'field_invalid', detail: 'The message is not in an error status.' };
  }
  if (isEncrypted(message)) {
    return {
      code: 'field_invalid',
      detail: 'An encrypted message cannot be sent again, since its key is not kept.',
    };
  }
  return null;
}

async function sendAgain(
  call: Call,
  context: DialectContext,
  before: Message,
  attempt: number,
): Promise<MessageError | null> {
  const message = {
    to: before.destination,
    text: before.text,
    sender: before.sender,
    device: before.device,
    clientRef: shownGuid(before),
    tags: before.tags,
    product: before.product,
    extras: { ...before.extras, attempt },
    insteadOf: before.id,
    limits,
  };
  return (
    context.gateway.check(call.caller, message) ??
    withinTrial(context.gateway, call, {
      send: () => submit(call, context, message),
      isSent: (error) => error === null,
      refuse: (error) => error,
    })
  );
}

async function submit(
  { caller }: Call,
  { gateway }: DialectContext,
  message: OutgoingMessage,
): Promise<MessageError | null> {
  try {
    const outcome = await gateway.submit({ caller, messages: [message] });
    if (outcome.kind === 'replayed') throw new Error('replayed without an idempotency key');
    const [verdict] = outcome.result.verdicts;
    return verdict?.ok ? null : (verdict?.error ?? null);
  } catch (error) {
    // Of a single message it is the message's.
    if (error instanceof GatewayError && error.code === 'insufficient_credit') {
      return { code: 'insufficient_credit', detail: 'The account has not enough credit.' };
    }
    throw error;
  }
}
