import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Health, StoredDevice } from '../../core/devices/device.ts';
import { healths } from '../../core/devices/device.ts';
import type { DeviceBook } from '../../core/devices/device-book.ts';
import { GatewayError } from '../../core/errors.ts';
import type { LinkId } from '../../core/ids.ts';
import { byOurClock, readInstant } from './instants.ts';
import { numberIn, reportOfEvent } from './reports.ts';
import type { HookEvent } from './schema.ts';
import { registration, simsOf } from './schema.ts';

/**
 * Is a request signed by the phone whose hook it came to? `X-Signature` is the HMAC-SHA256 of the body and
 * `X-Timestamp`, one behind the other, in hexadecimal. How old it is does not matter: a repetition of what somebody has
 * recorded does no harm, since what a phone tells is known by what it is; and a phone whose clock is wrong, as after its
 * battery was empty, gives up what it received if it is refused for two days.
 * @returns when it was signed, by the phone's clock.
 * @throws GatewayError `unauthenticated`.
 */
export function verifySignature(
  { headers }: Pick<FastifyRequest, 'headers'>,
  body: Buffer | undefined,
  signingKey: string,
): number {
  const timestamp = String(headers['x-timestamp'] ?? '');
  const signature = String(headers['x-signature'] ?? '');
  const signedAt = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) * 1000 : Number.NaN;
  const expected = createHmac('sha256', signingKey)
    .update(body ?? '')
    .update(timestamp)
    .digest();
  const given = Buffer.from(/^[0-9a-f]{64}$/i.test(signature) ? signature : '', 'hex');
  // Compared whatever else is wrong, and in constant time.
  const right = timingSafeEqual(
    given.length === expected.length ? given : Buffer.alloc(32),
    expected,
  );
  if (!right || Number.isNaN(signedAt)) {
    throw new GatewayError('unauthenticated', 'The request is not signed by this phone.');
  }
  return signedAt;
}

/** Names and numbers are no longer than this. */
const longestName = 256;

/** What was made of an event. */
export type Heard = 'done' | 'no_number' | 'ignored';

/** Takes what a phone tells. Resolves when it is on disk. */
export async function hear(
  event: HookEvent,
  device: StoredDevice,
  given: { devices: DeviceBook; linkId: LinkId; signedAt: number; now: number },
): Promise<Heard> {
  const { devices } = given;
  switch (event.event) {
    case 'sms:sent':
    case 'sms:delivered':
    case 'sms:failed':
    case 'sms:cancelled': {
      const report = reportOfEvent(event);
      if (report) await devices.report(device, [report]);
      return report ? 'done' : 'ignored';
    }
    case 'sms:received':
      return receive(event, device, given, 'message');
    case 'mms:downloaded':
      return receive(event, device, given, 'body', 'subject');
    case 'mms:received':
      return receive(event, device, given, 'subject');
    case 'system:ping':
      devices.seen(device, healthOf(event));
      return 'done';
    case 'app:started': {
      const { simCards } = registration.pick({ simCards: true }).parse(event.payload ?? {});
      const sims = simsOf(simCards);
      if (sims) await devices.update(device, { sims });
      return 'done';
    }
    default:
      return 'ignored';
  }
}

/** @param fields of its text: the first that has one. */
async function receive(
  { payload }: HookEvent,
  device: StoredDevice,
  { devices, linkId, signedAt, now }: Parameters<typeof hear>[2],
  ...fields: readonly string[]
): Promise<Heard> {
  const text = (key: string): string | null => {
    const value = payload?.[key];
    return typeof value === 'string' ? value : null;
  };
  // Before there was a sender, the number of whoever wrote was called this.
  const from = text('sender') ?? text('phoneNumber');
  const name = text('messageId') ?? '';
  if (!payload || from === null) return 'ignored';
  if (from.length > longestName || name.length > longestName) return 'ignored';
  const to = text('recipient');
  const writtenAt = (text('receivedAt') ?? '').slice(0, longestName);
  const receivedAt = readInstant(writtenAt);
  const recorded = await devices.received(
    device,
    {
      name,
      from,
      to: to !== null && to.length <= longestName ? to : null,
      sim: numberIn(payload, 'simNumber'),
      text: fields.map(text).find((one) => one !== null && one !== '') ?? '',
      at: byOurClock(receivedAt, signedAt, now),
      writtenAt: String(receivedAt ?? writtenAt),
    },
    linkId,
  );
  return recorded ? 'done' : 'no_number';
}

function healthOf({ payload }: HookEvent): { health?: Health; battery?: number } {
  const health = payload?.['health'];
  if (!isRecord(health)) return {};
  const status = healths.find((one) => one === health['status']);
  const checks = health['checks'];
  const level = isRecord(checks) ? checks['battery:level'] : undefined;
  const percent = isRecord(level) ? Number(level['observedValue']) : Number.NaN;
  return {
    ...(status && { health: status }),
    ...(percent >= 0 && percent <= 100 && { battery: Math.round(percent) }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
