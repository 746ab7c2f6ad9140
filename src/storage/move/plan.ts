import type { Insert, Select, Session } from '../engine.ts';
import type { Tables } from '../tables.ts';

type ColumnOf<Table extends keyof Tables> = keyof Tables[Table] & string;

/** How the rows of a table find their way. */
interface Carried<Table extends keyof Tables> {
  /** The key in whose order the source is read. */
  readonly order: readonly ColumnOf<Table>[];
  /**
   * The key by which the target finds a row, when that is another: tables that are cut by time are
   * reached by the column that cuts them.
   */
  readonly find?: readonly ColumnOf<Table>[];
  /** Columns that the target computes by itself. */
  readonly computed?: readonly ColumnOf<Table>[];
  /** The column that counts up by itself. Its values are kept. */
  readonly counter?: ColumnOf<Table>;
}

/**
 * Every table there is, so that a new one does not compile until somebody has said how it is moved.
 * `stays`: what belongs to a database and not to the installation in it. Columns are not listed: they
 * are asked of the source.
 */
const carried: { readonly [Table in keyof Tables]: Carried<Table> | 'stays' } = {
  schema_versions: 'stays',
  installation: 'stays', // what a target takes over of it stands in `marks.ts`
  move_progress: 'stays',
  nodes: 'stays',
  link_holders: 'stays',
  accounts: { order: ['id'] },
  balances: { order: ['account_id'] },
  products: { order: ['id'] },
  credentials: { order: ['id'] },
  senders: { order: ['id'] },
  sender_requests: { order: ['id'] },
  numbers: { order: ['id'] },
  endpoints: { order: ['id'] },
  signing_keys: { order: ['id'] },
  optouts: { order: ['account_id', 'number'] },
  scoped_optouts: { order: ['id'] },
  templates: { order: ['id'] },
  template_blocks: { order: ['id'] },
  verifications: { order: ['id'] },
  contacts: { order: ['id'] },
  contact_identifiers: { order: ['account_id', 'kind', 'value'] },
  contact_groups: { order: ['id'] },
  contact_members: { order: ['group_id', 'contact_id'] },
  contact_imports: { order: ['id'] },
  ledger: { order: ['seq'], counter: 'seq' },
  messages: { order: ['id'], computed: ['created_day'] },
  parts: { order: ['message_id', 'number'] },
  devices: { order: ['id'] },
  campaigns: { order: ['id'] },
  campaign_pages: { order: ['campaign_id', 'first'] },
  campaign_errors: { order: ['campaign_id', 'line'] },
  device_messages: { order: ['message_id'] },
  enrolment_codes: { order: ['code'] },
  timeline: { order: ['seq'], find: ['message_id', 'seq'], counter: 'seq' },
  parked_receipts: { order: ['seq'], counter: 'seq' },
  replies: { order: ['id'] },
  reply_segments: {
    order: ['link_id', 'from_number', 'to_address', 'reference', 'total', 'number'],
  },
  gatherings: { order: ['account_id', 'key'] },
  notifications: { order: ['id'] },
  notification_attempts: { order: ['seq'], find: ['notification_id', 'seq'], counter: 'seq' },
  short_links: { order: ['code'] },
  short_link_visits: { order: ['seq'], counter: 'seq' },
  sealed_texts: { order: ['code'] },
  idempotency: { order: ['credential_id', 'key'] },
  users: { order: ['id'] },
  user_tokens: { order: ['digest'] },
  user_sessions: { order: ['digest'] },
  mails: { order: ['id'] },
  audit: { order: ['id'] },
  rates: { order: ['name'] },
  archive_files: { order: ['id'] },
};

/** The tables that are moved, in this order. */
export const carriedTables = (Object.keys(carried) as (keyof Tables)[]).filter(
  (table) => carried[table] !== 'stays',
);

/** A table with its columns and the constant statements for them. */
export interface TablePlan {
  readonly table: keyof Tables;
  /** In the order of the positional rows. */
  readonly columns: readonly string[];
  readonly order: readonly string[];
  readonly find: readonly string[];
  readonly counter: string | undefined;
  readonly insert: Insert;
  readonly select: Select;
}

/** Takes a session on the source; gives what is moved, with the columns that the source has. */
export async function plansOf({ kysely }: Session): Promise<TablePlan[]> {
  const known = new Map(
    (await kysely.introspection.getTables()).map(({ name, columns }) => [name, columns]),
  );
  return carriedTables.map((table) => {
    const { order, find = order, computed = [], counter } = carried[table] as Carried<never>;
    const columns = (known.get(table) ?? [])
      .map(({ name }) => name)
      .filter((name) => !computed.includes(name));
    return {
      table,
      columns,
      order,
      find,
      counter,
      insert: { table, columns },
      select: { table, columns, key: find },
    };
  });
}
