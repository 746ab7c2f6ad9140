import { GatewayError } from '../../core/errors.ts';
import type { Endpoint, Handler } from './call.ts';
import { messageIdOf, messagePath, noSuchMessage } from './lookup.ts';
import { presentMessage } from './present.ts';
import { cancellation, readBody } from './schema.ts';

/**
 * `PUT /v1/messages/{messageId}`: takes a scheduled message back, with a full refund. The answer is not
 * documented; the whole message is what all of the vendor's clients can read (reference §1.2).
 */
const cancelMessage: Handler = async (call, { gateway }) => {
  readBody(cancellation, call.body);
  const [done] = await gateway.cancel(call.caller, [messageIdOf(call)]);
  if (!done) throw noSuchMessage();
  if (done.kind === 'not_cancellable') {
    throw new GatewayError('not_cancellable', 'Message is not currently scheduled');
  }
  return { status: 200, body: presentMessage(done.message) };
};

export const cancelEndpoints: readonly Endpoint[] = [
  { path: messagePath, family: 'messages', methods: { PUT: cancelMessage } },
];
