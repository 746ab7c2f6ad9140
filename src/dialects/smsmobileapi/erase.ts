import type { Handler } from './call.ts';
import { span } from './clocks.ts';
import { sealedOf } from './encrypted.ts';
import { missing } from './fields.ts';
import { messageOfGuid, replyOfGuid } from './guid.ts';
import { messageBy } from './lookup.ts';

/**
 * `/deletesms/` (seed): takes SMS out of the log, sent and received ones alike: the one of a guid, or all of a range of
 * days, which without `date_end` goes on until now. What still waits to be sent stays.
 */
export const deleteSms: Handler = async ({ caller, fields, settings }, { gateway }) => {
  const guid = fields.get('guid_message');
  if (guid !== undefined) {
    const message = messageOfGuid(guid) && (await messageBy(gateway, caller, guid));
    const reply = replyOfGuid(guid);
    const which = { messages: message ? [message.id] : [], replies: reply ? [reply] : [] };
    return answer(await gateway.history.erase(caller, which, sealedOf));
  }
  const start = span(fields, 'date_start', settings);
  const end = span(fields, 'date_end', settings);
  if (!start) throw missing(end ? 'date_start' : 'guid_message');
  const before = end?.before ?? Number.MAX_SAFE_INTEGER;
  return answer(await gateway.history.eraseSpan(caller, { from: start.from, before }, sealedOf));
};

const answer = (count: number): object => ({ result: { error: null, count_delete: count } });
