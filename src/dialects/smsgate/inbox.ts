import { GatewayError } from '../../core/errors.ts';
import type { Endpoint, Handler } from './call.ts';
import { inboxRefresh, invalid, readBody } from './schema.ts';

/**
 * `POST /inbox/refresh` and its older names: a phone, or each, tells again what it received in a span of time. What is
 * known already is passed over; what was lost comes by the webhooks.
 */
const refresh: Handler = async ({ caller, body }, { gateway }) => {
  const { deviceId, since, until } = readBody(inboxRefresh, body);
  if (since > until) throw invalid('since', 'before until');
  const { devices } = gateway;
  const asked = deviceId ? [deviceId] : (await devices.list(caller)).map(({ id }) => id);
  const found = await Promise.all(asked.map((id) => devices.exportInbox(caller, id, since, until)));
  if (!found.includes(true)) throw new GatewayError('invalid_request', 'device not found');
  return { status: 202 };
};

/** The same under a name that the reference server has given up. */
const refreshAsBefore: Handler = async (call, context) => ({
  ...(await refresh(call, context)),
  headers: { deprecation: 'true' },
});

const notImplemented =
  (message: string): Handler =>
  async () => ({ status: 501, body: { message } });

const noInbox = notImplemented(
  'The inbox can be read on the phone alone; what is received is told by the webhook sms:received.',
);
/** The reference server's own words. */
const noLogs = notImplemented(
  "For privacy reasons, device's logs are not accessible through Cloud server",
);

/** `/inbox/export` no server has, but the vendor's client for JavaScript asks for it. */
export const inboxEndpoints: readonly Endpoint[] = [
  { path: '/inbox', methods: { GET: { scope: 'inbox:list', handle: noInbox } } },
  { path: '/inbox/refresh', methods: { POST: { scope: 'inbox:refresh', handle: refresh } } },
  { path: '/inbox/export', methods: { POST: { scope: 'inbox:refresh', handle: refreshAsBefore } } },
  ...['/messages/inbox/export', '/message/inbox/export'].map(
    (path): Endpoint => ({
      path,
      methods: { POST: { scope: 'messages:export', handle: refreshAsBefore } },
    }),
  ),
  { path: '/logs', methods: { GET: { scope: 'logs:read', handle: noLogs } } },
];
