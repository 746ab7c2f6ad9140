import type { Device } from '../../core/devices/device.ts';
import type { ErrorCode, MessageError } from '../../core/errors.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import type { OutgoingMessage } from '../../core/messages/prepare.ts';
import type { SubmitResult } from '../../core/messages/submit.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import type { Way } from './outgoing.ts';
import { outgoing } from './outgoing.ts';
import { presentState } from './present.ts';
import type { WireMessage } from './schema.ts';
import { outgoingMessage, readBody, readTruth, readWhole } from './schema.ts';

const hour = 3_600_000;
/** Beyond it no phone was ever seen. */
const mostHours = 1_000_000;

/**
 * `POST /messages`: one message of this API, which has one of the core's for each recipient. All of them are accepted,
 * or the request is refused. What only the transaction can know of a recipient (an opt-out, a repetition, too little
 * credit) makes it `Failed`.
 */
const send: Handler = async (call, context) => {
  const { caller, query, body, base } = call;
  const { gateway, clock } = context;
  const skipPhoneValidation = readTruth(query, 'skipPhoneValidation');
  const activeWithin = readWhole(query, 'deviceActiveWithin', { least: 0, most: mostHours }) ?? 0;
  const wanted = readBody(outgoingMessage, body);
  const now = clock.now();
  const since = activeWithin === 0 ? 0 : now - activeWithin * hour;
  const way = await chooseWay(call, gateway, wanted, since);
  const messages = outgoing(wanted, { view: caller.view, way, now });
  for (const [at, message] of messages.entries()) {
    const error = gateway.check(caller, message);
    if (error && !(skipPhoneValidation && canBeKept(error, message)))
      throw refused(error, wanted, at);
  }
  const { submissionId, verdicts } = await submit(call, gateway, messages, wanted.id || undefined);
  const stored = verdicts.map(({ message }) => {
    if (!message) throw new Error('a message that was asked for is not stored');
    // Some may be on their way by now: they are told of as they were accepted.
    return message.status === 'sending' ? { ...message, status: 'queued' as const } : message;
  });
  const id = wanted.id || submissionId;
  return {
    status: 202,
    body: presentState({ id, messages: stored, errands: new Map() }),
    headers: { location: `${base}/messages/${encodeURIComponent(id)}` },
  };
};

export const sendEndpoints: readonly Endpoint[] = ['/messages', '/message'].map((path) => ({
  path,
  methods: { POST: { scope: 'messages:send', handle: send } },
}));

async function submit(
  { caller }: Call,
  gateway: Gateway,
  messages: readonly OutgoingMessage[],
  newRef: string | undefined,
): Promise<SubmitResult> {
  try {
    const request = { caller, messages, refused: 'keep', refs: 'submission', newRef } as const;
    const outcome = await gateway.submit(request);
    if (outcome.kind === 'replayed') throw new Error('replayed without an idempotency key');
    return outcome.result;
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'already_exists') throw error;
    throw new GatewayError('already_exists', 'duplicate id', { cause: error });
  }
}

/**
 * By which phone it goes: the one that is named, or, of those that were heard of lately enough, the last; any of them
 * where all were.
 * @throws GatewayError `invalid_request` when there is none like that.
 */
async function chooseWay(
  { caller }: Call,
  gateway: Gateway,
  { deviceId, simNumber: sim }: WireMessage,
  since: number,
): Promise<Way> {
  if (!deviceId && since === 0) return null;
  const all = await gateway.devices.list(caller);
  const named = deviceId ? all.filter(({ id }) => id === deviceId) : all;
  const active = named.filter(({ lastSeenAt }) => lastSeenAt >= since);
  if (active.length === 0) throw new GatewayError('invalid_request', 'device not found');
  if (!deviceId && active.length === all.length) return { id: null, sim };
  const [last] = active.toSorted(lastSeenFirst) as [Device];
  return { id: last.id, sim };
}

const lastSeenFirst = (a: Device, b: Device): number => b.lastSeenAt - a.lastSeenAt;

/** What is wrong with the number alone. */
const ofTheNumber: ReadonlySet<ErrorCode> = new Set([
  'number_invalid',
  'number_not_mobile',
  'country_not_allowed',
]);

/** Can a number that cannot be sent to be kept as a recipient that failed? One without digits cannot. */
function canBeKept({ code }: MessageError, { to }: OutgoingMessage): boolean {
  return ofTheNumber.has(code) && /^\+?\d{1,20}$/.test(to);
}

function refused(
  { code, detail }: MessageError,
  { phoneNumbers }: WireMessage,
  at: number,
): GatewayError {
  const field = `phoneNumbers[${at}]`;
  const named = ofTheNumber.has(code) && phoneNumbers.length > 1;
  return new GatewayError('invalid_request', named ? `${field}: ${detail}` : detail, { field });
}
