import type { Message } from '../../core/messages/message.ts';
import type { Span } from '../../core/ports/storage.ts';
import { formatUtc } from '../../text/instant.ts';
import type { DialectContext } from '../dialect.ts';
import type { Call, Handler } from './call.ts';
import { localText, span, startOfDay } from './clocks.ts';
import type { Fields } from './fields.ts';
import { handlingsOf } from './lookup.ts';
import type { Settings } from './settings.ts';

const day = 86_400_000;
const historyDays = 7;
/** "Maximum allowed value: 200" (seed), and what its sample without a limit has. */
const mostRows = 200;
/** How many of the newest are looked at for what the storage cannot sort or filter by, in pages of so many. */
const mostLookedAt = 2_000;
const pageRows = 1_000;

const columns = [
  'sIdentifiant',
  'number',
  'message',
  'mobile_date_ms',
  'mobile_date_formatted',
  'synchro_time',
] as const;
type Column = (typeof columns)[number];

/** A row, its keys in the order of the seed's sample. */
type Row = Record<Exclude<Column, 'mobile_date_ms'>, string> & { mobile_date_ms: number };

const periods = ['today', 'yesterday', 'last_24h', 'last_3days', 'last_7days'] as const;

/** `/log/sent/frommobile/` (seed): what has left a phone, of the last seven days. */
export const listFromMobile: Handler = async (call, context) => {
  const { fields } = call;
  const limit = fields.whole('limit', { least: 1, most: mostRows }) ?? mostRows;
  const sort_by = fields.oneOf('sort_by', columns) ?? 'mobile_date_ms';
  const sort_order = fields.oneOf('sort_order', ['ASC', 'DESC']) ?? 'DESC';
  const within = spanOf(call, context.clock.now());
  const rows = (await rowsWithin(call, context, within))
    .filter((row) => fits(row, fields))
    .toSorted((one, other) => compare(one, other, sort_by) * (sort_order === 'ASC' ? 1 : -1));
  const sms = rows.slice(0, limit);
  return {
    result: {
      error: '0',
      count: sms.length,
      limit,
      history_limit_days: historyDays,
      sort_by,
      sort_order,
      sms,
    },
  };
};

/** All that is said of the time holds at once; nothing is older than the history. */
function spanOf({ fields, settings }: Call, now: number): Span {
  const exact = span(fields, 'date', settings);
  const from = span(fields, 'date_from', settings)?.from;
  const before = span(fields, 'date_to', settings)?.before;
  const period = fields.oneOf('period', periods);
  const spans: Partial<Span>[] = [
    { from: now - historyDays * day },
    exact ?? {},
    { ...(from !== undefined && { from }), ...(before !== undefined && { before }) },
    period ? periodSpan(period, now, settings) : {},
  ];
  return {
    from: Math.max(...spans.map((one) => one.from ?? 0)),
    before: Math.min(...spans.map((one) => one.before ?? Number.MAX_SAFE_INTEGER)),
  };
}

function periodSpan(
  period: (typeof periods)[number],
  now: number,
  settings: Settings,
): Partial<Span> {
  const today = startOfDay(now, settings);
  switch (period) {
    case 'today':
      return { from: today };
    case 'yesterday':
      return { from: startOfDay(today - 1, settings), before: today };
    case 'last_24h':
      return { from: now - day };
    case 'last_3days':
      return { from: now - 3 * day };
    case 'last_7days':
      return { from: now - 7 * day };
  }
}

async function rowsWithin(
  { caller, fields, settings }: Call,
  { gateway }: DialectContext,
  within: Span,
): Promise<Row[]> {
  const sieve = {
    // A phone may have sent it a while after it was handed to it.
    sent: { from: within.from - historyDays * day, before: within.before },
    text: fields.get('message'),
    number: fields.number('number')?.replace(/^\+/, ''),
    newest: 'sent',
    limit: pageRows,
  } as const;
  const messages: Message[] = [];
  for (let offset = 0; offset < mostLookedAt; offset += pageRows) {
    const page = await gateway.history.sift(caller, { ...sieve, offset });
    messages.push(...page);
    if (page.length < pageRows) break;
  }
  const handling = await handlingsOf(gateway, caller, messages);
  return messages.flatMap((message): Row[] => {
    const { sid, sentAt } = handling(message);
    if (sentAt === null || sentAt < within.from || sentAt >= within.before) return [];
    return [
      {
        sIdentifiant: sid,
        number: message.destination,
        message: message.text,
        mobile_date_ms: sentAt,
        mobile_date_formatted: localText(sentAt, settings),
        synchro_time: formatUtc(sentAt),
      },
    ];
  });
}

function fits(row: Row, fields: Fields): boolean {
  const sid = fields.get('sIdentifiant');
  if (sid !== undefined && row.sIdentifiant !== sid) return false;
  const wanted = fields.number('search')?.toLowerCase();
  if (wanted === undefined) return true;
  return columns.some(
    (column) => column !== 'mobile_date_ms' && row[column].toLowerCase().includes(wanted),
  );
}

function compare(one: Row, other: Row, column: Column): number {
  const [a, b] = [one[column], other[column]];
  if (a === b) return one.mobile_date_ms - other.mobile_date_ms;
  return a < b ? -1 : 1;
}
