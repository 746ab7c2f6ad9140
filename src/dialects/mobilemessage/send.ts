import { createHash } from 'node:crypto';
import { GatewayError } from '../../core/errors.ts';
import type { OutgoingMessage } from '../../core/messages/prepare.ts';
import type { SubmitRequest, SubmitResult } from '../../core/messages/submit.ts';
import { parseJson } from '../shared/json.ts';
import type { Call, Handler } from './call.ts';
import { outgoing2024, outgoing2026 } from './outgoing.ts';
import { presentSend } from './present.ts';
import type { WireMessage } from './schema.ts';
import { readBatch2024, readBatch2026 } from './schema.ts';

/** `POST /v1/messages` (seed; the newer parts reference A.3). */
export const sendMessages: Handler = async (call, { gateway }) => {
  const { caller, settings } = call;
  const { edition } = settings;
  const body = parseJson(call.body);
  let asked: readonly WireMessage[];
  let messages: OutgoingMessage[];
  if (edition === '2024') {
    const batch = readBatch2024(body);
    asked = batch.messages;
    messages = outgoing2024(batch);
  } else {
    const batch = readBatch2026(body);
    asked = batch.messages;
    messages = outgoing2026(batch, caller.view, settings);
  }
  const answer = (result: SubmitResult): string => presentSend(asked, result, edition);
  const idempotency = edition === '2024' ? undefined : idempotencyOf(call, answer);
  const outcome = await gateway.submit({ caller, messages, ...(idempotency && { idempotency }) });
  return outcome.kind === 'replayed' ? outcome.answer : answer(outcome.result);
};

/**
 * `Idempotency-Key` (reference A.3): at most 255 characters, per credential. What must be the same for
 * a retry is the body, byte for byte.
 */
function idempotencyOf(
  call: Call,
  answer: (result: SubmitResult) => string,
): SubmitRequest['idempotency'] {
  const key = call.header('idempotency-key');
  if (key === undefined) return undefined;
  if (key.length === 0 || key.length > 255) {
    throw new GatewayError('invalid_request', 'Idempotency-Key must have 1 to 255 characters.', {
      field: 'Idempotency-Key',
    });
  }
  const digest = createHash('sha256').update('POST /v1/messages\0');
  return { key, fingerprint: digest.update(call.body ?? '').digest('hex'), answer };
}
