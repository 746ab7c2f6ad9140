import type { Endpoint, Handler } from './call.ts';
import { outgoing } from './outgoing.ts';
import { presentSent } from './present.ts';
import { readBatch } from './schema.ts';

/**
 * `POST /v1/messages`: up to 100 messages, all or none of them. Once their form is right each is accepted,
 * and one that cannot be sent (an opt-out, a source number that is not the account's, no credit …) is
 * told of like any other that fails.
 */
const sendMessages: Handler = async ({ caller, body }, { gateway, clock }) => {
  const asked = outgoing(readBatch(body), caller.view, clock.now());
  const outcome = await gateway.submit({
    caller,
    messages: asked.map(({ message }) => message),
    refused: 'keep',
  });
  if (outcome.kind === 'replayed') throw new Error('replayed without an idempotency key');
  const messages = outcome.result.verdicts.map(({ message }, index) => {
    const one = asked[index];
    if (!one || !message) throw new Error('a message that was asked for is not stored');
    return presentSent(one.sent, message.id);
  });
  return { status: 202, body: { messages } };
};

export const sendPath = '/v1/messages';

export const sendEndpoints: readonly Endpoint[] = [
  { path: sendPath, family: 'messages', methods: { POST: sendMessages } },
];
