import type { Reply } from '../../core/delivery/reply.ts';
import type { DeviceId, ReplyId } from '../../core/ids.ts';
import type { DialectContext } from '../dialect.ts';
import type { Call, Handler } from './call.ts';
import { localDigits, serverTime } from './clocks.ts';
import { invalid, missing } from './fields.ts';
import { gatewaySid, madeAt, maskedKey, replyGuidOf, replyNumberOf, replyOfGuid } from './guid.ts';

/** The seed names no limit: so many, newest first; the oldest of them where it is asked what came after a timestamp. */
const mostRows = 1_000;
const longestAlias = 100;

/** `/getsms/` (seed). Reading does not mark as read. */
export const listReceived: Handler = async ({ caller, fields, settings }, { gateway }) => {
  const after = fields.whole('after_timestamp_unix', { least: 0, most: 1e12 });
  const sid = fields.get('sIdentifiantPhone');
  const account = caller.view.account.id;
  const self = gatewaySid(account);
  const replies = await gateway.replies(caller, {
    // "After": what came in that very second was seen. It is asked of `timestamp_unix`, since a phone may tell an
    // hour later what it received.
    recordedSince: after === undefined ? undefined : (after + 1) * 1000,
    device: sid === undefined ? undefined : sid === self ? null : (sid as DeviceId),
    unread: fields.flag('onlyunread'),
    limit: mostRows,
    offset: 0,
  });
  const shown = after === undefined ? replies : wholeSeconds(replies).toReversed();
  const sms = shown.map((reply) => {
    const { id, receivedAt } = reply;
    // By when it reached the server, as in the seed's sample, where `time_received` is the phone's.
    const { date, time, timestamp } = serverTime(madeAt(id));
    const number = replyNumberOf(id);
    return {
      id: number,
      sIdentifiantPhone: phoneOf(reply, self),
      date,
      hour: time,
      timestamp_unix: timestamp,
      time_received: localDigits(receivedAt, settings),
      indice: String(number),
      message: reply.text,
      number: reply.from,
      guid: replyGuidOf(id),
      alias: reply.alias,
      apikey: maskedKey(account),
    };
  });
  return { result: { error: '', sms } };
};

/**
 * Of the first that came after a timestamp: who goes on from the last one's asks for what came in later seconds. So where
 * there may be more, the second that is cut in two is left to the next time.
 */
function wholeSeconds(replies: Reply[]): Reply[] {
  const second = ({ id }: Reply): number => Math.floor(madeAt(id) / 1000);
  const last = replies.at(-1);
  if (replies.length < mostRows || !last) return replies;
  const whole = replies.filter((reply) => second(reply) < second(last));
  return whole.length > 0 ? whole : replies;
}

/** By which phone it came, as this API names it; else the gateway itself. */
export function phoneOf({ device }: Pick<Reply, 'device'>, self: string): string {
  return device ?? self;
}

/** `/getsms/set-read/` (seed; its answer is not published). */
export const markRead: Handler = async (call, context) => {
  const guid = call.fields.required('guid_message');
  const id = await found(call, context, guid);
  if (!id) return unknown('guid_message');
  await context.gateway.history.markRead(call.caller, [id]);
  return { result: { error: '0', guid_message: replyGuidOf(id), status: 'read' } };
};

/** `/getsms/update/` (seed; its answer is not published). */
export const updateReceived: Handler = async ({ caller, fields }, { gateway }) => {
  const guid = fields.required('guid');
  if (fields.raw('alias') === undefined) throw missing('alias');
  const alias = fields.get('alias') ?? null;
  if (alias !== null && (alias.length > longestAlias || !isStorable(alias))) {
    throw invalid('alias', `a text of at most ${longestAlias} characters`);
  }
  const id = replyOfGuid(guid);
  if (!id || !(await gateway.history.setAlias(caller, id, alias))) return unknown('guid');
  return { result: { error: '0', guid: replyGuidOf(id), alias } };
};

async function found(
  { caller }: Call,
  { gateway }: DialectContext,
  guid: string,
): Promise<ReplyId | undefined> {
  const id = replyOfGuid(guid);
  const [reply] = id ? await gateway.history.findReplies(caller, [id]) : [];
  return reply?.id;
}

function unknown(name: string): object {
  return { result: { error: `There is no received SMS with this ${name}.` } };
}

/** No U+0000 and no half characters: not every storage has them. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
