import { z } from 'zod';
import type { Caller } from '../../core/accounts/authenticate.ts';
import type { Gateway } from '../../core/gateway.ts';
import type { ScopedOptoutId } from '../../core/ids.ts';
import type { Scope } from '../../core/optouts/scope.ts';
import type { ListedOptout } from '../../core/ports/audience-storage.ts';
import type { Country, E164 } from '../../text/phone-number.ts';
import { asE164, countryOf, parseNumber } from '../../text/phone-number.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import { idIn, noEntity } from './entity.ts';
import { deleted, ok } from './envelope.ts';
import type { Found } from './paginator.ts';
import { pageOf, paginator } from './paginator.ts';
import { mobile } from './present.ts';
import { productsOf } from './products.ts';
import { invalid, missing, oneOf, optional, read, required } from './schema.ts';
import { resourceTime } from './times.ts';

/** As a list shows one, whichever way it was found. */
type Listed = Omit<ListedOptout, 'replyId'>;

const kinds = ['tag', 'product', 'sender', 'all'] as const;

const wish = z.object({ receiver: required(64), type: oneOf(kinds), value: optional(400) });

/** The page's list of filters calls a product `service`. */
const filters = z.object({
  filter: z
    .object({
      id: optional(),
      iso: optional(),
      receiver: optional(64),
      type: oneOf([...kinds, 'service']),
      value: optional(400),
    })
    .optional(),
});

/** `GET sms/suppressions/unsubscribers`: all opt-outs, however they came. */
const listAll: Handler = async (call, { gateway }) => {
  const { filter = {} } = read(filters, call.input);
  const at = pageOf(call);
  const { rows, total } = await fitting(filter, call, gateway, at);
  return ok('Unsubscribers list', rows.map(present), paginator({ rows, total }, at, call));
};

async function fitting(
  { id, iso, receiver, type, value }: NonNullable<z.infer<typeof filters>['filter']>,
  { caller }: Call,
  gateway: Gateway,
  page: { limit: number; offset: number },
): Promise<Found<Listed>> {
  if (iso !== undefined) throw invalid('filter.iso', 'The filter.iso is not supported.');
  const none = { rows: [], total: 0 };
  if (id !== undefined) {
    const one = await byId(caller, id.toLowerCase(), gateway);
    return one ? { rows: page.offset === 0 ? [one] : [], total: 1 } : none;
  }
  const { homeCountry } = caller.view.account;
  const number = receiver === undefined ? undefined : parseNumber(receiver, homeCountry)?.e164;
  if (receiver !== undefined && number === undefined) return none;
  const kind = type === 'service' ? 'product' : type;
  const { items, total } = await gateway.scopedOptouts.search(
    caller,
    { number, kind, value },
    page,
  );
  return { rows: items, total };
}

/** `POST sms/suppressions/unsubscribers` */
const create: Handler = async (call, { gateway }) => {
  const { number, scope } = readWish(call);
  return ok('Receiver added successfully', present(await put(call.caller, number, scope, gateway)));
};

/** `GET sms/suppressions/unsubscribers/{id}` */
const show: Handler = async (call, { gateway }) =>
  ok('Unsubscribers data', present(await find(call, gateway)));

/** `PUT sms/suppressions/unsubscribers/{id}`. One of everything has its number for an id, and so gets another with it. */
const update: Handler = async (call, { gateway }) => {
  const before = await find(call, gateway);
  const { number, scope } = readWish(call);
  const { caller } = call;
  if (before.id !== null && scope) {
    const changed = await gateway.scopedOptouts.change(caller, before.id, number, scope);
    if (!changed) throw noEntity();
    return ok('Receiver update successfully', present(changed));
  }
  // First the new one, so that the number is on the list all the time.
  const now = await put(caller, number, scope, gateway);
  if (idOf(now) !== idOf(before)) await drop(caller, before, gateway);
  return ok('Receiver update successfully', present(now));
};

/** `DELETE sms/suppressions/unsubscribers/{id}` */
const remove: Handler = async (call, { gateway }) => {
  await drop(call.caller, await find(call, gateway), gateway);
  return deleted();
};

/** `DELETE sms/suppressions/unsubscribers`: all of them. */
const cleanUp: Handler = async ({ caller }, { gateway }) => {
  await gateway.scopedOptouts.clear(caller);
  return deleted();
};

const path = '/sms/suppressions/unsubscribers';

export const unsubscriberEndpoints: readonly Endpoint[] = [
  { path, methods: { GET: listAll, POST: create, DELETE: cleanUp } },
  { path: `${path}/:id`, methods: { GET: show, PUT: update, DELETE: remove } },
];

function readWish({ caller, input }: Call): { number: E164; scope: Scope | null } {
  const { receiver, type = 'all', value } = read(wish, input);
  const number = readNumber(receiver, caller.view.account.homeCountry, 'receiver');
  if (type === 'all') return { number, scope: null };
  if (value === undefined) throw missing('value');
  if (type === 'product' && !productsOf(caller.view).has(value)) {
    throw invalid('value', 'The selected value is invalid.');
  }
  return { number, scope: { kind: type, value } };
}

/** Puts a number on the list. */
async function put(
  caller: Caller,
  number: E164,
  scope: Scope | null,
  gateway: Gateway,
): Promise<Listed> {
  if (scope) return (await gateway.scopedOptouts.add(caller, number, scope)).optout;
  await gateway.optOut(caller, number);
  const one = await ofAll(caller, number, gateway);
  // Somebody took it off again at the same moment.
  if (!one) throw noEntity();
  return one;
}

async function drop(caller: Caller, one: Listed, gateway: Gateway): Promise<void> {
  if (one.id === null) await gateway.optIn(caller, one.number);
  else await gateway.scopedOptouts.remove(caller, one.id);
}

async function find(call: Call, gateway: Gateway): Promise<Listed> {
  const one = await byId(call.caller, idIn(call), gateway);
  if (!one) throw noEntity();
  return one;
}

async function byId(caller: Caller, id: string, gateway: Gateway): Promise<Listed | undefined> {
  const number = numberOf(id);
  return number
    ? ofAll(caller, number, gateway)
    : gateway.scopedOptouts.find(caller, id as ScopedOptoutId);
}

async function ofAll(caller: Caller, number: E164, gateway: Gateway): Promise<Listed | undefined> {
  const search = { number, kind: 'all' } as const;
  const { items } = await gateway.scopedOptouts.search(caller, search, { limit: 1, offset: 0 });
  return items[0];
}

function present(one: Listed) {
  return {
    id: idOf(one),
    iso: countryOf(one.number) ?? null,
    receiver: mobile(one.number),
    type: one.kind,
    value: one.value ?? '',
    created_at: resourceTime(one.createdAt),
  };
}

const idOf = ({ id, number }: Listed): string => id ?? idOfAll(number);

/**
 * An opt-out of everything is known by its number alone. This API wants a UUID: of version 8 (RFC 9562), whose last
 * fifteen digits are those of the number.
 */
export function idOfAll(number: E164): string {
  const digits = number.slice(1).padStart(15, '0');
  return `00000000-0000-8000-8${digits.slice(0, 3)}-${digits.slice(3)}`;
}

function numberOf(id: string): E164 | undefined {
  const [, head, tail] = /^00000000-0000-8000-8(\d{3})-(\d{12})$/.exec(id) ?? [];
  return head === undefined || tail === undefined
    ? undefined
    : asE164(`+${(head + tail).replace(/^0+/, '')}`);
}

/** @throws GatewayError `invalid_request` for what is no number. */
export function readNumber(written: string, home: Country, field: string): E164 {
  const number = parseNumber(written, home)?.e164;
  if (number === undefined) throw invalid(field, `The ${field} format is invalid.`);
  return number;
}
