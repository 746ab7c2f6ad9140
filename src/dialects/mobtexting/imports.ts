import type { FileRow } from '../../core/ports/row-files.ts';
import type { ContactGroup } from '../../core/contacts/contact.ts';
import type { ImportRow } from '../../core/contacts/contacts.ts';
import type { Scope } from '../../core/optouts/scope.ts';
import { scopeKinds } from '../../core/optouts/scope.ts';
import { parseNumber } from '../../text/phone-number.ts';
import type { DialectContext } from '../dialect.ts';
import type { Answer, Call, Endpoint, Handler } from './call.ts';
import { presentImport } from './contact-words.ts';
import { identifiersOf } from './contacts.ts';
import { found, idIn, isId, noEntity } from './entity.ts';
import { ok } from './envelope.ts';
import { pageOf, paginator } from './paginator.ts';
import { productsOf } from './products.ts';
import { invalid, missing } from './schema.ts';
import type { Uploaded } from './uploads.ts';
import { uploadLimit, withUpload } from './uploads.ts';

/** Rows of one transaction. */
const atOnce = 500;
/** What the first column may be called; what else stands there is a row. */
const numberNames = ['receiver', 'mobile', 'number', 'phone', 'to'];

/** `POST sms/suppressions/unsubscribers/import`: a number a row; the columns `type` and `value` may follow. */
const importUnsubscribers: Handler = (call, context) =>
  withTable(call, context, (table) => takeUnsubscribers(call, context, table));

async function takeUnsubscribers(
  { caller }: Call,
  { gateway }: DialectContext,
  { rows }: Table,
): Promise<Answer> {
  const { homeCountry } = caller.view.account;
  const products = productsOf(caller.view);
  const sums = { rows: 0, failed: 0 };
  for await (const some of batches(rows)) {
    const wishes = some.flatMap((row) => {
      sums.rows += 1;
      const number = parseNumber(cell(row, numberNames, 0), homeCountry)?.e164;
      const scope = scopeOf(cell(row, ['type'], 1), cell(row, ['value'], 2), products);
      if (number !== undefined && scope !== undefined) return [{ number, scope }];
      sums.failed += 1;
      return [];
    });
    await gateway.scopedOptouts.addAll(caller, wishes);
  }
  return accepted('Receivers accepted for import', sums);
}

/** `POST sms/suppressions/templates/import`: an id a row; the column `status` may follow. */
const importTemplates: Handler = (call, context) =>
  withTable(call, context, (table) => takeTemplates(call, context, table));

async function takeTemplates(
  { caller }: Call,
  { gateway }: DialectContext,
  { rows }: Table,
): Promise<Answer> {
  const sums = { rows: 0, failed: 0 };
  for await (const some of batches(rows)) {
    const wishes = some.flatMap((row) => {
      sums.rows += 1;
      const externalId = cell(row, ['template_id'], 0).trim();
      const active: 0 | 1 = cell(row, ['status'], 1).trim() === '0' ? 0 : 1;
      if (isValue(externalId, 200)) return [{ externalId, active }];
      sums.failed += 1;
      return [];
    });
    if (wishes.length > 0) await gateway.templates.block(caller, wishes);
  }
  return accepted('Blocked templates accepted for import', sums);
}

/**
 * `POST contacts/import/subscribers[?segment_id=…]`: contacts by a row, whose columns are named in the first: `mobile`,
 * `email`, `external_id`, `name`, and whatever else is an attribute.
 */
const importContacts: Handler = (call, context) =>
  withTable(call, context, (table) => takeContacts(call, context, table));

async function takeContacts(
  { caller, input }: Call,
  { gateway }: DialectContext,
  { fields, rows }: Table,
): Promise<Answer> {
  const segment = fields.get('segment_id') ?? input['segment_id'];
  let group: ContactGroup | null = null;
  if (typeof segment === 'string' && segment !== '') {
    if (!isId(segment)) throw noEntity();
    group = await found(gateway.contacts.group(caller, 'segment', segment));
  }
  const done = await gateway.contacts.bringIn(caller, contactsOf(rows), group);
  return ok('Subscribers accepted for import', presentImport(done));
}

/** `GET contacts/import/subscribers` */
const listImports: Handler = async (call, { gateway }) => {
  const at = pageOf(call);
  const { items, total } = await gateway.contacts.imports(call.caller, at);
  const rows = items.map(presentImport);
  return ok('Imports List', rows, paginator({ rows, total }, at, call));
};

/** `GET contacts/import/subscribers/{id}` */
const showImport: Handler = async (call, { gateway }) =>
  ok(
    'Import Data',
    presentImport(await found(gateway.contacts.findImport(call.caller, idIn(call)))),
  );

const upload = { upload: true, bodyLimit: uploadLimit } as const;

export const importEndpoints: readonly Endpoint[] = [
  {
    path: '/sms/suppressions/unsubscribers/import',
    methods: { POST: importUnsubscribers },
    ...upload,
  },
  { path: '/sms/suppressions/templates/import', methods: { POST: importTemplates }, ...upload },
  {
    path: '/contacts/import/subscribers',
    methods: { GET: listImports, POST: importContacts },
    ...upload,
  },
  { path: '/contacts/import/subscribers/:id', methods: { GET: showImport } },
];

function accepted(message: string, { rows, failed }: { rows: number; failed: number }) {
  return { body: { status: 'OK', message, data: { rows, failed } } };
}

/** A row with the names of its columns, where its table has them. */
interface Row {
  names: readonly string[] | null;
  cells: readonly string[];
}

interface Table {
  fields: Uploaded['fields'];
  rows: AsyncIterable<Row>;
}

/** @throws GatewayError as `withUpload`, `RowFiles.read`, and the work. */
function withTable(
  call: Call,
  context: DialectContext,
  work: (table: Table) => Promise<Answer>,
): Promise<Answer> {
  return withUpload(call, context, ({ fields, file, signal }) => {
    if (!file) throw missing('file');
    const { rowFiles } = context.gateway;
    return work({ fields, rows: rowsOf(rowFiles.read(file, { bytes: uploadLimit, signal })) });
  });
}

const knownNames = new Set([
  ...numberNames,
  'type',
  'value',
  'template_id',
  'status',
  'email',
  'external_id',
  'name',
]);

/** The first row names the columns when its first cell is a name that one can have. */
async function* rowsOf(read: AsyncIterable<readonly FileRow[]>): AsyncGenerator<Row> {
  let names: readonly string[] | null | undefined;
  for await (const some of read) {
    for (const row of some) {
      const cells = 'cells' in row ? row.cells : [];
      if (names === undefined) {
        const written = cells.map((one) => one.trim().toLowerCase());
        const areNames = written.some((one) => knownNames.has(one));
        names = areNames ? written : null;
        if (areNames) continue;
      }
      yield { names, cells };
    }
  }
}

/** The cell of a column of one of these names; without names, the one at that place. */
function cell({ names, cells }: Row, called: readonly string[], place: number): string {
  const at = names ? names.findIndex((name) => called.includes(name)) : place;
  return cells[at] ?? '';
}

/** Null: everything. Undefined for what is no scope. */
function scopeOf(
  type: string,
  value: string,
  products: Pick<ReadonlySet<string>, 'has'>,
): Scope | null | undefined {
  const written = type.trim().toLowerCase();
  if (written === '' || written === 'all') return null;
  const kind = scopeKinds.find((one) => one === written);
  const trimmed = value.trim();
  if (!kind || !isValue(trimmed, 400)) return undefined;
  return kind === 'product' && !products.has(trimmed) ? undefined : { kind, value: trimmed };
}

function isValue(text: string, longest: number): boolean {
  return text !== '' && text.length <= longest && text.isWellFormed() && !text.includes('\0');
}

async function* contactsOf(rows: AsyncIterable<Row>): AsyncGenerator<ImportRow> {
  const own = new Set(['email', 'external_id', 'name', ...numberNames]);
  for await (const row of rows) {
    if (!row.names) throw invalid('file', 'The first row of the file must name its columns.');
    const text = (...called: string[]) => cell(row, called, -1).trim() || undefined;
    const identifiers = identifiersOf({
      mobile: text(...numberNames),
      email: text('email'),
      external_id: text('external_id'),
    });
    const entries = row.names.flatMap((name, at): [string, string][] => {
      const value = row.cells[at]?.trim() ?? '';
      return name === '' || value === '' || own.has(name) ? [] : [[name, value]];
    });
    yield { identifiers, name: text('name'), attributes: Object.fromEntries(entries) };
  }
}

async function* batches(rows: AsyncIterable<Row>): AsyncGenerator<Row[]> {
  let some: Row[] = [];
  for await (const row of rows) {
    some.push(row);
    if (some.length < atOnce) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}
