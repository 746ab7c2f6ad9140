import { isUtf8 } from 'node:buffer';
import { GatewayError } from '../../core/errors.ts';
import { parseJson } from '../shared/json.ts';
import type { Query } from '../shared/query.ts';
import { parameter } from '../shared/query.ts';
import type { Call, Handler } from './call.ts';
import { outgoing2026 } from './outgoing.ts';
import { presentSend } from './present.ts';
import { simpleMessage } from './schema.ts';

/**
 * `/simple/send-sms` (reference A.2): one message, its fields in the query, a form or a JSON object.
 * The answer is that of `POST /v1/messages`: the PHP client takes it, and needs JSON (reference A.7).
 */
export const sendSimple: Handler = async (call, { gateway }) => {
  const fields = fieldsOf(call.query, call.body);
  const asked = simpleMessage.parse({
    to: parameter(fields, 'to'),
    message: parameter(fields, 'message'),
    sender: parameter(fields, 'sender'),
    custom_ref: parameter(fields, 'custom_ref'),
  });
  const { caller, settings } = call;
  const outcome = await gateway.submit({
    caller,
    messages: outgoing2026({ messages: [asked] }, caller.view, settings),
  });
  if (outcome.kind === 'replayed') throw new Error('replayed without an idempotency key');
  return presentSend([asked], outcome.result, settings.edition);
};

/**
 * The fields of a `/simple/…` request: those of the body, by its content a JSON object or a form, and
 * those of the query where the body has none of that name.
 * @throws GatewayError `invalid_json`, `invalid_request`.
 */
export function fieldsOf(query: Query, body: Call['body']): Query {
  if (body === undefined || body.length === 0) return query;
  const opening = body.toString('latin1', 0, 16).trimStart();
  const fields = new Map(Object.entries(query));
  if (opening.startsWith('{')) {
    const value = parseJson(body) as Record<string, unknown>;
    for (const [name, field] of Object.entries(value)) {
      if (typeof field === 'string') fields.set(name, field);
    }
    return Object.fromEntries(fields);
  }
  if (!isUtf8(body)) throw new GatewayError('invalid_request', 'The body is not UTF-8 text.');
  for (const [name, field] of new URLSearchParams(body.toString('utf8'))) fields.set(name, field);
  return Object.fromEntries(fields);
}
