import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';
import type { EndpointId } from '../../core/ids.ts';
import type { ShortLink, Visit } from '../../core/links/short-link.ts';
import type { DialectContext } from '../dialect.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import { deleted, ok } from './envelope.ts';
import type { Found } from './paginator.ts';
import { pageOf, paginator } from './paginator.ts';
import { flag, invalid, optional, read, required, whole } from './schema.ts';
import { resourceTime, timeText } from './times.ts';
import { isWebhook } from './webhook-settings.ts';

/*
 * Smart links (v2/link/): short links that belong to no message. A link's id is its code, which also stands at the end
 * of its URL.
 */

const longestUrl = 2_048;

const wish = z.object({
  long_url: required(longestUrl),
  title: optional(),
  webhook_id: optional(64),
  is_advanced: flag,
});

const filters = z.object({
  filter: z
    .object({
      id: optional(),
      title: optional(),
      long_url: optional(longestUrl),
      webhook_id: optional(64),
      is_advanced: flag,
      status: whole(0, 1),
    })
    .optional(),
});

/** `GET link/urls` */
const listAll: Handler = async (call, { gateway }) => {
  const { filter = {} } = read(filters, call.input);
  const at = pageOf(call);
  let found: Found<ShortLink>;
  if (filter.status === 0) found = { rows: [], total: 0 };
  else if (filter.id === undefined) {
    const search = {
      title: filter.title,
      url: filter.long_url,
      endpointId: filter.webhook_id as EndpointId | undefined,
      advanced: filter.is_advanced,
    };
    found = await gateway.shortLinks.own.list(call.caller, search, at);
  } else {
    const link = await gateway.shortLinks.own.find(call.caller, filter.id);
    found = link ? { rows: [link], total: 1 } : { rows: [], total: 0 };
  }
  const rows = await Promise.all(found.rows.map((link) => presentVisited(link, call, gateway)));
  return ok('OK', rows, paginator(found, at, call));
};

/** `POST link/urls` */
const create: Handler = async (call, { gateway }) => {
  const wanted = read(wish, call.input);
  const link = await refusing(call, wanted, () =>
    gateway.shortLinks.own.create(call.caller, {
      url: wanted.long_url,
      title: wanted.title ?? null,
      advanced: wanted.is_advanced ?? false,
      endpointId: (wanted.webhook_id ?? null) as EndpointId | null,
    }),
  );
  return ok('Link Created Successfully', presentNew(link, gateway));
};

/** `GET link/urls/{id}` */
const show: Handler = async (call, { gateway }) => {
  const link = await gateway.shortLinks.own.find(call.caller, idOf(call));
  if (!link) throw notFound();
  return ok('OK', await presentVisited(link, call, gateway));
};

/** `PUT link/urls/{id}`: what is left out stays as it is, but where it leads must be said. */
const update: Handler = async (call, { gateway }) => {
  const wanted = read(wish, call.input);
  const link = await refusing(call, wanted, () =>
    gateway.shortLinks.own.update(call.caller, idOf(call), {
      url: wanted.long_url,
      ...(wanted.title !== undefined && { title: wanted.title }),
      ...(wanted.is_advanced !== undefined && { advanced: wanted.is_advanced }),
      ...(wanted.webhook_id !== undefined && { endpointId: wanted.webhook_id as EndpointId }),
    }),
  );
  if (!link) throw notFound();
  return ok('Link Updated Successfully', presentNew(link, gateway));
};

/** `DELETE link/urls/{id}` */
const remove: Handler = async (call, { gateway }) => {
  if (!(await gateway.shortLinks.own.remove(call.caller, idOf(call)))) throw notFound();
  return deleted('Link Deleted Successfully');
};

/** `GET link/urls/{id}/visits` */
const visits: Handler = async (call, { gateway }) => {
  const at = pageOf(call);
  const id = idOf(call);
  const found = await gateway.shortLinks.own.visits(call.caller, id, at);
  if (!found) throw notFound();
  const newest = found.total - at.offset;
  const rows = found.rows.map((visit, nth) => presentVisit(visit, newest - nth, call));
  return ok('Visits', rows, paginator(found, at, call));
};

export const linkEndpoints: readonly Endpoint[] = [
  { path: '/link/urls', methods: { GET: listAll, POST: create } },
  { path: '/link/urls/:id', methods: { GET: show, PUT: update, DELETE: remove } },
  { path: '/link/urls/:id/visits', methods: { GET: visits } },
];

const idOf = ({ params }: Call): string => params['id'] ?? '';

function notFound(): GatewayError {
  return new GatewayError('not_found', 'Requested entity was not found.');
}

/** What the core refuses of a link stands in one of its fields. */
async function refusing<T>(
  { caller }: Call,
  { webhook_id: webhook }: z.infer<typeof wish>,
  make: () => Promise<T>,
): Promise<T> {
  if (
    webhook !== undefined &&
    !caller.view.endpoints.some((one) => one.id === webhook && isWebhook(one))
  ) {
    throw invalid('webhook_id', 'The selected webhook id is invalid.');
  }
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'invalid_request') throw error;
    throw invalid('long_url', error.detail);
  }
}

/** As it is after it was made or changed: its visits are an empty list then, as the page's sample has it. */
function presentNew(link: ShortLink, gateway: DialectContext['gateway']) {
  return { ...present(link, gateway), visits: [], last_visited: null, ...standing(link) };
}

async function presentVisited(
  link: ShortLink,
  { caller, settings }: Call,
  gateway: DialectContext['gateway'],
) {
  const count = link.clicks + link.views;
  const last =
    count === 0
      ? undefined
      : await gateway.shortLinks.own.visits(caller, link.code, { limit: 1, offset: 0 });
  const at = last?.rows[0]?.at;
  return {
    ...present(link, gateway),
    visits: count,
    last_visited: at === undefined ? null : timeText(at, settings.timeZone),
    ...standing(link),
  };
}

function present(link: ShortLink, gateway: DialectContext['gateway']) {
  return {
    id: link.code,
    title: link.title,
    short_url: gateway.shortLinks.urlOf(link),
    long_url: link.url,
    webhook_id: link.endpointId,
    token: null,
  };
}

function standing({ advanced, createdAt, changedAt }: ShortLink) {
  return {
    is_advanced: advanced ?? 0,
    status: 1,
    created_at: resourceTime(createdAt),
    updated_at: resourceTime(changedAt ?? createdAt),
  };
}

/**
 * A visit has the documented fields; what nobody here knows is null. No message belongs to these links, and so no
 * number.
 * @param nth its place among the link's visits, from the first.
 */
function presentVisit(visit: Visit, nth: number, { caller, settings }: Call) {
  return {
    id: `${visit.code}:${nth}`,
    user_id: caller.view.account.id,
    link_id: visit.code,
    client_ip: visit.address,
    scheme: null,
    host: null,
    query_string: '',
    user_agent: visit.userAgent,
    browser: null,
    browser_version: null,
    browser_lang: null,
    browser_engine: null,
    resolution: null,
    platform: null,
    platform_version: null,
    platform_name: null,
    device_type: visit.kind === 'view' ? 'bot' : null,
    device_brand: null,
    device_model: '',
    touch_enabled: '0',
    latitude: '',
    longitude: '',
    country: null,
    country_code: '',
    region: '',
    city: null,
    zipcode: '',
    timezone: '',
    options: null,
    created_at: timeText(visit.at, settings.timeZone),
    visit_id: `${visit.code}:${nth}`,
    token: visit.code,
    message_id: null,
    mobile: null,
  };
}
