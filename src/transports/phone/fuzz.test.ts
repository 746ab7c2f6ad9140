import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPhoneWorld } from '../../../test/support/phone-world.ts';
import type { StoredDevice } from '../../core/devices/device.ts';

/*
 * Whatever a phone, or somebody who pretends to be one, sends: it is no fault of ours.
 */

type PhoneWorld = Awaited<ReturnType<typeof createPhoneWorld>>;
let world: PhoneWorld;
let token = '';
let enrolment = '';
let device: StoredDevice;
const messageIds: string[] = [];
beforeAll(async () => {
  world = await createPhoneWorld({ phones: { pace: null } });
  const { account, caller } = await world.account({ credits: 1_000 });
  const { devices } = world.gateway;
  enrolment = (await devices.enrolment.token(account.id)).secret;
  const made = await devices.enrol(
    { accountId: account.id, credentialId: null },
    { name: 'fuzz', sims: [], pushToken: null, version: '1.68.0' },
  );
  ({ device, token } = made);
  await world.clock.advance(1_000);
  const outcome = await world.gateway.submit({
    caller: await caller(),
    messages: Array.from({ length: 20 }, (_, at) => ({
      to: `04${12_000_000 + at}`,
      text: 'Hello',
      sender: 'phone',
      limits: { alphabet: 'any', characters: 100, parts: 1 },
    })),
  });
  if (outcome.kind !== 'done') throw new Error('replayed');
  messageIds.push(...outcome.result.verdicts.map((one) => (one.ok ? one.message.id : 'refused')));
  await world.clock.advance(1_000);
});
afterAll(() => world.close());

const paths = [
  '/device',
  '/message',
  '/messages',
  '/webhooks',
  '/settings',
  '/user/code',
  '/user/password',
  '/inbox',
  '/unknown',
  '//message',
  '',
];
const keys = [
  'id',
  'state',
  'recipients',
  'states',
  'name',
  'pushToken',
  'simCards',
  'slotIndex',
  'simNumber',
  'phoneNumber',
  'carrierName',
  'event',
  'payload',
  'messageId',
  'message',
  'sender',
  'recipient',
  'receivedAt',
  'sentAt',
  'partsCount',
  'health',
  'checks',
  'battery:level',
  'observedValue',
  'reason',
  'type',
  'content',
  'createdAt',
  'currentPassword',
  'newPassword',
  '__proto__',
  'constructor',
];
const words = () => [
  ...messageIds.slice(0, 5),
  ...messageIds.slice(0, 3).map((id) => `${id.replaceAll('-', '')}-2`),
  'Pending',
  'Processed',
  'Sent',
  'Delivered',
  'Failed',
  'Cancelled',
  'sms:received',
  'sms:sent',
  'sms:failed',
  'sms:cancelled',
  'system:ping',
  'app:started',
  'mms:downloaded',
  'Send result: RESULT_ERROR_LIMIT_EXCEEDED (5)',
  '2026-03-01T10:00:00.000+10:00',
  '2026-03-01T10:00:00.000+-5:00',
  '9999-99-99T99:99:99.999Z',
  '+61412345678',
  '0412345678',
  'MyBank',
  '********4567',
  '',
  '\u0000',
  '\ud83d',
  '😀',
  'a-password-of-some-length',
];
const text = fc.oneof(
  fc.nat().map((nth) => words()[nth % words().length] as string),
  fc.string(),
  fc.string({ unit: 'binary' }),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.constantFrom(null, true, false, 0, 1, 2, -1, 1.5, 1e21, 99),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...keys), tie('any'), { maxKeys: 6 }),
  ),
})).any;
/** Near to good ones, so that what lies behind the first check is reached. */
const patch = fc.array(
  fc.record(
    {
      id: text,
      state: text,
      recipients: fc.oneof(
        fc.array(fc.record({ phoneNumber: text, state: text, error: text }), { maxLength: 2 }),
        value,
      ),
      states: fc.oneof(fc.dictionary(text, text, { maxKeys: 3 }), value),
    },
    { requiredKeys: ['id', 'state'] },
  ),
  { maxLength: 4 },
);
const event = fc.record({
  id: text,
  event: text,
  payload: fc.oneof(
    fc.record(
      {
        messageId: text,
        message: text,
        sender: text,
        recipient: fc.oneof(text, value),
        simNumber: fc.oneof(fc.constantFrom(1, 2, 3, 99), value),
        receivedAt: text,
        sentAt: text,
        partsCount: value,
        reason: text,
        body: text,
        subject: text,
        health: value,
        simCards: fc.oneof(
          fc.array(fc.record({ slotIndex: fc.nat(3), simNumber: fc.nat(4), phoneNumber: text }), {
            maxLength: 3,
          }),
          value,
        ),
      },
      { requiredKeys: [] },
    ),
    value,
  ),
});
const registration = fc.record(
  { name: text, pushToken: fc.oneof(text, value), simCards: value },
  { requiredKeys: [] },
);
const inbox = fc.array(
  fc.record({
    id: text,
    type: text,
    sender: text,
    content: text,
    createdAt: text,
    isEncrypted: fc.boolean(),
  }),
  { maxLength: 3 },
);
const body = fc.oneof(
  ...[patch, event, registration, inbox, value].map((one: fc.Arbitrary<unknown>) =>
    one.map((made) => Buffer.from(JSON.stringify(made) ?? '')),
  ),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.constant(undefined),
);
const authorization = fc.oneof(
  { weight: 6, arbitrary: fc.constant('device') },
  { weight: 1, arbitrary: fc.constant('enrolment') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', 'Bearer', 'Bearer  ', 'Basic !!', 'Code a', 'Basic dTpw', 'x y'),
  },
);
const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'),
  prefix: fc.constantFrom('/mobile/v1', '/api/mobile/v1', '//api/mobile/v1'),
  path: fc.constantFrom(...paths),
  query: fc.constantFrom(
    '',
    '?order=fifo',
    '?order=lifo&order=fifo',
    '?order[]=x',
    '?%zz',
    '?order=',
  ),
  authorization,
  agent: fc.constantFrom('me.capcom.smsgateway/1.68.0', 'me.capcom.smsgateway/x', '', 'okhttp/4'),
  body,
});

function headerOf(one: string): Record<string, string> {
  if (one === 'device') return { authorization: `Bearer ${token}` };
  if (one === 'enrolment') return { authorization: `Bearer ${enrolment}` };
  return one === '' ? {} : { authorization: one };
}

it('whatever is sent to the API has an answer that is no fault of ours', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(request, async (one) => {
      const answer = await world.inject({
        method: one.method as 'GET',
        url: `${one.prefix}${one.path}${one.query}`,
        headers: { ...headerOf(one.authorization), 'user-agent': one.agent },
        ...(one.body && one.method !== 'GET' && one.method !== 'HEAD' && { payload: one.body }),
      });
      expect(answer.statusCode).toBeLessThan(500);
      if (answer.body !== '' && answer.statusCode >= 400) {
        expect(JSON.parse(answer.body)).toEqual({ message: expect.any(String) });
      }
    }),
    { numRuns: 1200 },
  );
  expectNoFaults();
});

it('whatever is told at a hook, signed or not, likewise', { timeout: 120_000 }, async () => {
  const { path, signingKey } = world.gateway.devices.hookOf(device);
  const signed = fc.constantFrom('yes', 'yes', 'yes', 'no', 'wrong');
  await fc.assert(
    fc.asyncProperty(body, signed, async (payload, how) => {
      const timestamp = String(Math.floor(world.clock.now() / 1000));
      const signature = createHmac('sha256', how === 'wrong' ? 'x' : signingKey)
        .update(payload ?? '')
        .update(timestamp)
        .digest('hex');
      const answer = await world.inject({
        method: 'POST',
        url: `/hooks/device/${path}`,
        headers: how === 'no' ? {} : { 'x-signature': signature, 'x-timestamp': timestamp },
        ...(payload && { payload }),
      });
      expect(answer.statusCode).toBeLessThan(500);
      if (how !== 'yes') expect(answer.statusCode).toBe(401);
    }),
    { numRuns: 800 },
  );
  expectNoFaults();
});

function expectNoFaults(): void {
  for (const line of world.log.lines) expect(JSON.parse(line)).not.toMatchObject({ level: 50 });
  for (const line of world.log.lines) {
    expect(line).not.toContain(token);
    expect(line).not.toContain(enrolment);
  }
}
