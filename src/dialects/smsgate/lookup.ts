import type { Caller } from '../../core/accounts/authenticate.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Errand } from '../../core/devices/errand.ts';
import type { Gateway } from '../../core/gateway.ts';
import type { MessageId } from '../../core/ids.ts';
import type { MessageOutline } from '../../core/ports/storage.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import type { Bundle } from './present.ts';
import { presentState } from './present.ts';
import { invalid, readInstant, readOneOf, readTruth, readWhole, valueOf } from './schema.ts';
import type { State } from './states.ts';
import { aggregate, stateOf, states } from './states.ts';

const usualLimit = 50;
const mostLimit = 100;
/** Beyond what is ever looked at. */
const mostOffset = 1_000_000;
/** Messages of this API that are in memory at once, with up to a hundred recipients and their texts each. */
const bundlesAtOnce = 10;

/** `GET /messages/{id}` */
const show: Handler = async (call, { gateway }) => {
  const bundle = await findBundle(call, gateway);
  const content = readTruth(call.query, 'includeContent');
  return { status: 200, body: presentState(bundle, { content }) };
};

/**
 * `GET /messages`: newest first, or `sort=created_at`. Looked at are the account's newest 20 000 recipients;
 * `X-Total-Count` says how many messages of these fit.
 */
const list: Handler = async ({ caller, query }, { gateway }) => {
  const limit = readWhole(query, 'limit', { least: 1, most: mostLimit }) ?? usualLimit;
  const offset = readWhole(query, 'offset', { least: 0, most: mostOffset }) ?? 0;
  const content = readTruth(query, 'includeContent');
  const sort = readOneOf(query, 'sort', ['created_at', '-created_at']) ?? '-created_at';
  const state = readOneOf(query, 'state', states);
  const deviceId = valueOf(query, 'deviceId');
  const from = readInstant(query, 'from');
  const before = readInstant(query, 'to');
  if (from !== undefined && before !== undefined && from > before)
    throw invalid('from', 'before to');

  const span = { ...(from !== undefined && { from }), ...(before !== undefined && { before }) };
  const outlines = bundled(await gateway.history.outlines(caller, span));
  const filter = { state, deviceId };
  const fitting =
    state === undefined && deviceId === undefined
      ? [...outlines.keys()]
      : await filtered(outlines, filter, caller, gateway);
  if (sort === 'created_at') fitting.reverse();
  const page = fitting.slice(offset, offset + limit);
  const body: object[] = [];
  for (let at = 0; at < page.length; at += bundlesAtOnce) {
    const bundles = await bundlesOf(page.slice(at, at + bundlesAtOnce), caller, gateway);
    body.push(...bundles.map((bundle) => presentState(bundle, { content })));
  }
  return { status: 200, body, headers: { 'x-total-count': String(fitting.length) } };
};

export const lookupEndpoints: readonly Endpoint[] = ['/messages', '/message'].flatMap((path) => [
  { path, methods: { GET: { scope: 'messages:list', handle: list } } },
  { path: `${path}/:id`, methods: { GET: { scope: 'messages:read', handle: show } } },
]);

/** The message that the path names. @throws GatewayError `not_found`. */
export async function findBundle({ caller, params }: Call, gateway: Gateway): Promise<Bundle> {
  const [bundle] = await bundlesOf([params['id'] ?? ''], caller, gateway);
  if (!bundle) throw new GatewayError('not_found', 'message not found');
  return bundle;
}

/** Those of these ids that there are. */
async function bundlesOf(
  ids: readonly string[],
  caller: Caller,
  gateway: Gateway,
): Promise<Bundle[]> {
  const storable = ids.filter((id) => id.isWellFormed() && !id.includes('\0'));
  const found = await gateway.history.ofRefs(caller, storable);
  const errands = await gateway.devices.errandsOf(
    caller,
    found.flat().map(({ id }) => id),
  );
  return found.flatMap((messages, at) =>
    messages.length === 0 ? [] : { id: storable[at] as string, messages, errands },
  );
}

/** The recipients of each message, by its id, in the order of the newest. */
function bundled(outlines: readonly MessageOutline[]): Map<string, MessageOutline[]> {
  const bundles = new Map<string, MessageOutline[]>();
  for (const outline of outlines) {
    if (outline.clientRef === null) continue;
    const known = bundles.get(outline.clientRef);
    if (known) known.push(outline);
    else bundles.set(outline.clientRef, [outline]);
  }
  return bundles;
}

async function filtered(
  bundles: ReadonlyMap<string, readonly MessageOutline[]>,
  { state, deviceId }: { state: State | undefined; deviceId: string | undefined },
  caller: Caller,
  gateway: Gateway,
): Promise<string[]> {
  const ids = [...bundles.values()].flat().map(({ id }) => id);
  const errands = await gateway.devices.errandsOf(caller, ids);
  const fits = (messages: readonly MessageOutline[]): boolean =>
    (deviceId === undefined || messages.some(({ id }) => errands.get(id)?.deviceId === deviceId)) &&
    (state === undefined || aggregate(statesOf(messages, errands)) === state);
  return [...bundles].flatMap(([id, messages]) => (fits(messages) ? id : []));
}

function statesOf(
  messages: readonly MessageOutline[],
  errands: ReadonlyMap<MessageId, Errand>,
): State[] {
  return messages.map((message) => stateOf(message, errands.get(message.id)));
}
