import { z } from 'zod';
import { destinationOf } from '../../core/messages/build.ts';
import type { Message } from '../../core/messages/message.ts';
import type { DialectContext } from '../dialect.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import { ok } from './envelope.ts';
import { pageOf, paginator } from './paginator.ts';
import { presentMessage } from './present.ts';
import { findMessage, isCalled, patternOf } from './reference.ts';
import { invalid, list, optional, read } from './schema.ts';
import type { Day } from './times.ts';
import { readDay } from './times.ts';

/** Reference C.5: "100 per page". */
const perPage = 100;
const mostFound = 1_000;

const search = z.object({
  id: list(perPage, 64),
  mobile: optional(32),
  cid: optional(),
  date: optional(40),
  group_id: optional(64),
});
type Search = z.infer<typeof search>;

/**
 * `GET sms/status`: by id, or several with commas; by number, or the client's own id, the newest first; by date or
 * group, in pages. Several of them together must all fit.
 */
const status: Handler = async (call, context) => {
  const asked = read(search, call.input);
  const zone = call.settings.timeZone;
  const rows = (messages: readonly Message[]) => messages.map((one) => presentMessage(one, zone));
  if (asked.date !== undefined || asked.group_id !== undefined) {
    const at = pageOf(call, perPage);
    const found = await pageFor(asked, call, context, at);
    return ok('OK', rows(found.rows), paginator(found, at, call));
  }
  if (asked.id !== undefined) return ok('OK', rows(await byIds(asked.id, call, context)));
  if (asked.mobile !== undefined || asked.cid !== undefined) {
    return ok('OK', rows(await newest(asked, call, context)));
  }
  throw invalid(
    'id',
    'The id field is required when none of mobile / cid / date / group id are present.',
  );
};

export const statusEndpoints: readonly Endpoint[] = [
  { path: '/sms/status', methods: { GET: status } },
];

async function byIds(
  ids: readonly string[],
  { caller }: Call,
  { gateway }: DialectContext,
): Promise<Message[]> {
  const found: Message[] = [];
  for (const id of new Set(ids)) {
    const message = await findMessage(gateway, caller, id);
    if (message) found.push(message);
  }
  return found;
}

async function newest(
  { mobile, cid }: Search,
  { caller }: Call,
  { gateway }: DialectContext,
): Promise<Message[]> {
  const destination = mobile === undefined ? undefined : destinationOf(mobile, caller.view);
  if (destination === null) return [];
  const found = await gateway.searchMessages(caller, {
    ...(destination !== undefined && { destination }),
    ...(cid !== undefined && { clientRef: patternOf.custom(cid) }),
    // Of what is found by its own id some are called otherwise.
    limit: cid === undefined ? perPage : mostFound,
    offset: 0,
  });
  return found.filter((one) => cid === undefined || isCalled(one, cid)).slice(0, perPage);
}

async function pageFor(
  { date, group_id: group, mobile }: Search,
  { caller, settings }: Call,
  { gateway }: DialectContext,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ rows: Message[]; total: number }> {
  const created = date === undefined ? undefined : dayOf(date, settings.timeZone);
  const refBegins = group === undefined ? undefined : patternOf.group(group);
  const destination = mobile === undefined ? undefined : destinationOf(mobile, caller.view);
  if ((group !== undefined && refBegins === undefined) || destination === null) {
    return { rows: [], total: 0 };
  }
  return gateway.history.page(caller, { created, refBegins, destination, limit, offset });
}

function dayOf(text: string, zone: string): Day {
  const day = readDay(text, zone);
  if (!day) throw invalid('date', 'The date does not match the format Y-m-d.');
  return day;
}
