import { GatewayError } from '../../core/errors.ts';
import type { Endpoint, Handler } from './call.ts';
import { findBundle } from './lookup.ts';
import { presentState } from './present.ts';

/**
 * `DELETE /messages/{id}`: takes back what can still be taken back of it. What lies in a phone is asked of the phone:
 * it is `Cancelling` until that has answered. When nothing of it can be taken back it is as it was, and the answer 409.
 */
const cancel: Handler = async (call, { gateway }) => {
  const { messages } = await findBundle(call, gateway);
  let taken = 0;
  for (const { id } of messages) {
    const outcome = await gateway.devices.cancel(call.caller, id);
    if (outcome === 'cancelled' || outcome === 'cancelling') taken += 1;
  }
  if (taken === 0) throw new GatewayError('not_cancellable', 'message is not pending');
  return { status: 200, body: presentState(await findBundle(call, gateway)) };
};

export const cancelEndpoints: readonly Endpoint[] = ['/messages/:id', '/message/:id'].map(
  (path) => ({
    path,
    methods: { DELETE: { scope: 'messages:cancel', handle: cancel } },
  }),
);
