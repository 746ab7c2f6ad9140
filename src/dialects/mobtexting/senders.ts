import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import type { SenderId, SenderRequestId } from '../../core/ids.ts';
import type { SenderRequest } from '../../core/senders/sender-request.ts';
import type { Sender } from '../../core/senders/sender.ts';
import type { Country } from '../../text/phone-number.ts';
import { isCountry } from '../../text/phone-number.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import { isId, noEntity } from './entity.ts';
import { deleted, ok } from './envelope.ts';
import { noService } from './finance.ts';
import { paged, pageOf, paginator } from './paginator.ts';
import type { ProductWords } from './products.ts';
import { productsOf } from './products.ts';
import { invalid, missing, optional, read, required } from './schema.ts';
import { resourceTime } from './times.ts';

/** "The name must not be greater than 6 characters": of Indian headers. Elsewhere eleven, as GSM has it. */
const longestName = 11;

const wish = z.object({
  name: required(longestName),
  country_code: required(2),
  service: required(32),
  entity_id: optional(64),
  entity_name: optional(100),
});

const change = z.object({
  country_code: optional(2),
  service: optional(32),
  entity_id: optional(64),
  entity_name: optional(100),
});

/** What the vendor keeps of a sender beside its name: as JSON in the reason that its owner reads. */
const notes = z.object({
  service: z.string(),
  entity_id: z.string().optional(),
  entity_name: z.string().optional(),
  iso: z.string().optional(),
});
type Notes = z.infer<typeof notes>;

/** A sender, or what was asked for and is not (yet) one. */
type Row = { kind: 'sender'; sender: Sender } | { kind: 'request'; request: SenderRequest };

const filters = z.object({ filter: z.object({ name: optional() }).optional() });

/** `GET sms/senders` */
const listAll: Handler = async (call, { gateway }) => {
  const { filter } = read(filters, call.input);
  const wanted = filter?.name?.toLowerCase();
  const all = await rowsOf(call, gateway);
  const fitting = all.filter((row) => !wanted || addressOf(row).toLowerCase().includes(wanted));
  const at = pageOf(call);
  const found = paged(fitting, at);
  const rows = found.rows.map((row) => present(row, call));
  return ok('Senders List', rows, paginator(found, at, call));
};

/** `POST sms/senders`: a name, on which the owner of the gateway decides. */
const create: Handler = async (call, { gateway }) => {
  const { name, country_code: code, service, ...entity } = read(wish, call.input);
  const iso = countryOf(code);
  if (!productsOf(call.caller.view).has(service)) throw noService();
  // "Required for India."
  if (iso === ('IN' as Country)) {
    if (entity.entity_id === undefined) throw missing('entity_id');
    if (entity.entity_name === undefined) throw missing('entity_name');
  }
  const kept: Notes = { service, iso, ...given(entity) };
  const { id } = call.caller.view.account;
  try {
    const request = await gateway.senderRequests.ask(id, {
      address: name,
      countries: [iso],
      reason: JSON.stringify(kept),
    });
    return ok('Sender Saved Successfully', present({ kind: 'request', request }, call));
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    if (error.code === 'already_exists') {
      throw invalid('name', 'The name has already been taken.');
    }
    if (error.code === 'invalid_request') throw invalid('name', error.detail);
    throw error;
  }
};

/** `GET sms/senders/{id}` */
const show: Handler = async (call, { gateway }) =>
  ok('Sender Data', present(await find(call, gateway), call));

/** `PUT sms/senders/{id}`: of a sender that is one its notes; what waits for a decision stays as it was asked for. */
const update: Handler = async (call, { gateway }) => {
  const row = await find(call, gateway);
  const { country_code: code, service, ...entity } = read(change, call.input);
  if (service !== undefined && !productsOf(call.caller.view).has(service)) throw noService();
  const iso = code === undefined ? undefined : countryOf(code);
  if (row.kind === 'request') {
    throw new GatewayError('already_exists', 'A sender that is not approved cannot be changed.');
  }
  const changed = given({ service, iso, ...entity });
  const { account } = call.caller.view;
  const metadata = { ...row.sender.metadata, ...metadataOf(changed) };
  const sender = await gateway.senders.change(account.id, row.sender.id, { metadata });
  if (!sender) throw noEntity();
  return ok('Sender Updated Successfully', present({ kind: 'sender', sender }, call));
};

/** `DELETE sms/senders/{id}` */
const remove: Handler = async (call, { gateway }) => {
  const row = await find(call, gateway);
  const { id } = call.caller.view.account;
  if (row.kind === 'sender') await gateway.senders.remove(id, { id: row.sender.id });
  else await gateway.senderRequests.withdraw(id, row.request.id);
  return deleted();
};

export const senderEndpoints: readonly Endpoint[] = [
  { path: '/sms/senders', methods: { GET: listAll, POST: create } },
  { path: '/sms/senders/:id', methods: { GET: show, PUT: update, DELETE: remove } },
];

/** The newest first, what waits for a decision before what was decided. */
async function rowsOf({ caller }: Call, gateway: Gateway): Promise<Row[]> {
  const { id } = caller.view.account;
  const [senders, requests] = await Promise.all([
    gateway.senders.list(id),
    gateway.senderRequests.list({ accountId: id, limit: 200, offset: 0 }),
  ]);
  return [
    ...requests
      .filter(({ status }) => status !== 'approved')
      .map((request): Row => ({ kind: 'request', request })),
    ...senders.toReversed().map((sender): Row => ({ kind: 'sender', sender })),
  ];
}

async function find({ caller, params }: Call, gateway: Gateway): Promise<Row> {
  const accountId = caller.view.account.id;
  const id = params['id'] ?? '';
  if (!isId(id)) throw noEntity();
  const sender = await gateway.senders.find(accountId, id as SenderId);
  if (sender) return { kind: 'sender', sender };
  const request = await gateway.senderRequests.find(accountId, id as SenderRequestId);
  // What was approved is a sender, with an id of its own.
  if (!request || request.status === 'approved') throw noEntity();
  return { kind: 'request', request };
}

const addressOf = (row: Row): string =>
  row.kind === 'sender' ? row.sender.address : row.request.address;

/** 0 pending, 1 approved, 2 rejected. */
function statusOf(row: Row): number {
  if (row.kind === 'sender') return 1;
  return row.request.status === 'rejected' ? 2 : 0;
}

function present(row: Row, { caller }: Call) {
  const { id, address, countries, createdAt, changedAt } =
    row.kind === 'sender' ? row.sender : row.request;
  const kept = notesOf(row);
  const service = serviceOf(kept.service, [...productsOf(caller.view).values()]);
  return {
    id,
    name: address,
    service,
    entity_name: kept.entity_name ?? null,
    entity_id: kept.entity_id ?? null,
    header_id: null,
    iso: kept.iso ?? countries?.[0] ?? caller.view.account.homeCountry,
    message: null,
    document: null,
    is_open: 0,
    purpose: 1,
    status: statusOf(row),
    created_at: resourceTime(createdAt),
    updated_at: resourceTime(changedAt),
  };
}

/** The numbers of products are the vendor's own; here each has its place in the list. */
function serviceOf(code: string | undefined, all: readonly ProductWords[]) {
  const nth = Math.max(
    0,
    all.findIndex((one) => one.code === code),
  );
  const one = all[nth];
  return { id: nth + 1, display_name: one?.name ?? null, name: one?.code ?? null };
}

/** What was asked for, and over it what was changed since. */
function notesOf(row: Row): { [K in keyof Notes]?: Notes[K] | undefined } {
  const { reason } = row.kind === 'sender' ? row.sender : row.request;
  const asked = reason === null ? null : parsed(reason);
  const changed = row.kind === 'sender' ? row.sender.metadata : null;
  return { ...asked, ...notes.partial().safeParse(changed ?? {}).data };
}

/** Null for the reason that somebody wrote in his own words. */
function parsed(reason: string): Notes | null {
  try {
    return notes.safeParse(JSON.parse(reason)).data ?? null;
  } catch {
    return null;
  }
}

function countryOf(code: string): Country {
  const iso = code.toUpperCase();
  if (!isCountry(iso)) throw invalid('country_code', 'The selected country code is invalid.');
  return iso;
}

/** Without what was left out. */
function given<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}

function metadataOf(values: object): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}
