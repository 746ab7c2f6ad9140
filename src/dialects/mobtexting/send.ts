import { z } from 'zod';
import type { Gateway } from '../../core/gateway.ts';
import type { DialectContext } from '../dialect.ts';
import type { Answer, Call, Endpoint, Handler } from './call.ts';
import { done } from './envelope.ts';
import type { Input } from './input.ts';
import type { Wanted } from './outgoing.ts';
import { mostNumbers, outgoing, requireFew, sendFields, submitAll } from './outgoing.ts';
import { presentAccepted } from './present.ts';
import { atMost, given, read } from './schema.ts';
import { readXml } from './xml.ts';

/** The most bytes of a request with many texts. */
export const manyLimit = 8 * 1024 * 1024;

/** `sms/send`: one text to one number, or to several with commas between them. */
const send: Handler = async (call, context) => {
  const fields = read(sendFields, call.input);
  return accept(outgoing(fields, call, context), call, context);
};

/** `sms/send/json`: texts of their own, over what they have in common. */
const sendJson: Handler = (call, context) => sendMany(call.input, call, context);

/** `sms/send/xml`: the same. */
const sendXml: Handler = async (call, context) => sendMany(await readXml(call.body), call, context);

export const sendEndpoints: readonly Endpoint[] = [
  { path: '/sms/send', methods: { GET: send, POST: send } },
  ...['/sms/clevertap/send', '/sms/moengage/send'].map(
    (path): Endpoint => ({
      path,
      methods: { POST: send },
    }),
  ),
  ...['/sms/send/json', '/sms/clevertap/json'].map(
    (path): Endpoint => ({
      path,
      methods: { POST: sendJson },
      bodyLimit: manyLimit,
    }),
  ),
  { path: '/sms/send/xml', methods: { POST: sendXml }, bodyLimit: manyLimit },
];

/** Of a root or node: several times those that mean anything. */
const mostFields = 100;
const fields = z.record(z.string(), z.unknown());
const many = z.object({
  root: atMost(mostFields, fields.default({})),
  nodes: atMost(mostNumbers, z.array(atMost(mostFields, fields)).min(1)),
});
/** What nodes have in common. All of it may be left out, and stand in each of them. */
const rootFields = sendFields.partial();

/** "You can overwrite the root values inside nodes except `webhook_id`, `service` and `time`." */
const common = ['webhook_id', 'service', 'time'] as const;

async function sendMany(input: Input, call: Call, context: DialectContext): Promise<Answer> {
  const { root, nodes } = read(many, input);
  // Once: a root of some megabytes would else be read again for each of its nodes.
  const shared = read(rootFields, given(root), 'root.');
  const fixed = Object.fromEntries(common.map((name) => [name, shared[name]]));
  const wanted: Wanted[] = [];
  for (const [nth, node] of nodes.entries()) {
    const at = `nodes.${nth}.`;
    const one = read(sendFields, { ...shared, ...given(node), ...fixed }, at);
    wanted.push(...outgoing(one, call, { ...context, at }));
    requireFew(wanted);
  }
  const { name } = root;
  return accept(wanted, call, context, typeof name === 'string' && name.trim() !== '');
}

/** @param named the client has given the group a name, and wants its id. */
async function accept(
  wanted: readonly Wanted[],
  { caller, settings }: Call,
  { gateway, clock }: { gateway: Gateway } & Pick<DialectContext, 'clock'>,
  named = false,
): Promise<Answer> {
  const now = clock.now();
  const { group, accepted } = await submitAll(gateway, caller, wanted);
  const zone = settings.timeZone;
  const rows = accepted.map((one, position) =>
    presentAccepted(one, { group, position, now, zone }),
  );
  const message = `${rows.length} numbers accepted for delivery.`;
  return done(message, rows, named ? { group_id: group } : {});
}
