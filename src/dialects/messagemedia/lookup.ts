import { GatewayError } from '../../core/errors.ts';
import type { MessageId } from '../../core/ids.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import { presentMessage } from './present.ts';

/** `GET /v1/messages/{messageId}` */
const showMessage: Handler = async (call, { gateway }) => {
  const [message] = await gateway.findMessages(call.caller, [messageIdOf(call)]);
  if (!message) throw noSuchMessage();
  return { status: 200, body: presentMessage(message) };
};

export const messagePath = '/v1/messages/:messageId';

export const lookupEndpoints: readonly Endpoint[] = [
  { path: messagePath, family: 'messages', methods: { GET: showMessage } },
];

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The one that the path names. @throws GatewayError `not_found` for what can be none. */
export function messageIdOf({ params }: Pick<Call, 'params'>): MessageId {
  const id = params['messageId']?.toLowerCase() ?? '';
  if (!uuid.test(id)) throw noSuchMessage();
  return id as MessageId;
}

export function noSuchMessage(): GatewayError {
  return new GatewayError('not_found', 'Resource not found.');
}
